import type { CDPSession } from 'puppeteer-core';
import { launchChromium } from '../../test/e2e/fixture/chromium.ts';
import { endBrowser } from '../../test/e2e/fixture/processes.ts';
import { type Backend, Session, startBackend, stopBackend } from '../../test/e2e/fixture/Session.ts';

/** CPU time of a page's main thread, in µs for each exchange of a message down and a message up. */
export type MainThreadFigures = {
  /** How many pings were counted. */
  pings: number;
  /** All tasks of the page, less those of an idle page. */
  heartbeat: number;
  /** JavaScript alone. */
  heartbeatScript: number;
  /** The same for raw messages on the application's own channels. A timer of the page sends them, so the figure includes the timer. */
  raw: number;
  rawScript: number;
};

/** What a page has spent, in s of CPU time of its main thread, at a time in s. */
type Spent = { at: number; task: number; script: number };

/** Between two exchanges, in ms: each of the page's two transports is pinged every 100 ms. */
const INTERVAL = 100;
const PACE = INTERVAL / 2;

/** An idle page is watched for this long, in ms. */
const IDLE = 5000;

/** Before anything is counted: exchanges that the page's just-in-time compiler may learn from. */
const WARM_UP = 40;

/** Measures pages in a real Chromium, one after another. */
export async function measureMainThread(pings: number): Promise<MainThreadFigures> {
  const [backend, browser] = await Promise.all([startBackend('127.0.0.1'), launchChromium()]);

  try {
    const idle = await measureIdle(await openPage(backend, false));
    const heartbeat = await measureHeartbeat(await openPage(backend, true), pings);
    const raw = await measureRaw(await openPage(backend, false), pings);

    return {
      pings,
      heartbeat: perExchange(heartbeat, idle, 'task', pings),
      heartbeatScript: perExchange(heartbeat, idle, 'script', pings),
      raw: perExchange(raw, idle, 'task', pings),
      rawScript: perExchange(raw, idle, 'script', pings),
    };
  } finally {
    await endBrowser(browser);
    stopBackend(backend);
  }

  async function openPage(backend: Backend, hasHeartbeat: boolean): Promise<Session> {
    return Session.open(browser, backend, {
      clientSide: hasHeartbeat,
      serverSide: hasHeartbeat && { interval: INTERVAL },
      relay: false,
    });
  }
}

async function measureIdle(session: Session): Promise<Spent> {
  return during(session, () => new Promise(resolve => setTimeout(resolve, IDLE)));
}

async function measureHeartbeat(session: Session, pings: number): Promise<Spent> {
  await session.untilAlive();
  await session.untilAnswers(WARM_UP / 2);

  // Both transports are pinged at the same pace.
  return during(session, () => session.untilAnswers(Math.ceil(pings / 2)));
}

async function measureRaw(session: Session, exchanges: number): Promise<Spent> {
  const exchange = (count: number) =>
    session.page.evaluate(
      async (left, pace) => {
        for (; left > 0; left--) {
          await window.app.echo(String(left).padStart(20));
          await new Promise(resolve => setTimeout(resolve, pace));
          window.app.received.length = 0;
        }
      },
      count,
      PACE,
    );

  await session.page.evaluate(() => window.app.useData());
  await exchange(WARM_UP);

  return during(session, () => exchange(exchanges));
}

/** What a page spends during some work. Closes it. */
async function during(session: Session, work: () => Promise<unknown>): Promise<Spent> {
  const client = await session.page.createCDPSession();

  // CPU time of the thread, which another process cannot lengthen.
  await client.send('Performance.enable', { timeDomain: 'threadTicks' });

  const before = await read(client);

  await work();

  const after = await read(client);

  await session.close();

  return { at: after.at - before.at, task: after.task - before.task, script: after.script - before.script };
}

async function read(client: CDPSession): Promise<Spent> {
  const { metrics } = await client.send('Performance.getMetrics');
  const metric = (name: string) => metrics.find(one => one.name === name)?.value ?? Number.NaN;

  return { at: performance.now() / 1000, task: metric('TaskDuration'), script: metric('ScriptDuration') };
}

function perExchange(spent: Spent, idle: Spent, of: 'task' | 'script', exchanges: number): number {
  return ((spent[of] - (idle[of] / idle.at) * spent.at) / exchanges) * 1e6;
}
