import type { Reason } from '@mediasoup-heartbeat/server';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectNothingLeft } from '../chaos/leftovers.ts';
import { untilState } from '../harness/events.ts';
import { endBrowser, signalBrowser } from './fixture/processes.ts';
import { type Backend, Session, type SessionOptions, startBackend, stopBackend } from './fixture/Session.ts';

/** A kind of browser, and what differs between them. */
export type BrowserKind = {
  launch(): Promise<Browser>;
  /** Where the browser can reach this machine. */
  address: string;
  /** Lets the process of the page crash. */
  crash(page: Page): Promise<void>;
  /** Puts the page into the background. */
  hide(page: Page): Promise<void>;
  /** The possible reasons on the server after a tab was closed. */
  farewells: Reason[];
  /** The possible reasons in the page after the server closed a transport. */
  serverFarewells: Reason[];
};

/** Runs in the page. The browser's answer to the command that hides it may come before the page knows. */
function untilHidden(): Promise<void> {
  return new Promise(resolve => {
    const look = () => document.visibilityState === 'hidden' && resolve();

    document.addEventListener('visibilitychange', look);
    look();
  });
}

/** The tests that run in every browser. */
export function describeApplication({
  launch,
  address,
  crash,
  hide,
  farewells,
  serverFarewells,
}: BrowserKind): void {
  let backend: Backend;
  let browser: Browser;
  const opened: { close(): Promise<void> }[] = [];

  beforeAll(async () => {
    [backend, browser] = await Promise.all([startBackend(address), launch()]);
  }, 60_000);

  afterAll(async () => {
    await endBrowser(browser);
    stopBackend(backend);
  });

  afterEach(async () => {
    for (const one of opened.splice(0)) {
      await one.close();
    }

    await expectNothingLeft(backend.router);
  });

  async function open(options?: SessionOptions, on: Browser = browser): Promise<Session> {
    const session = await Session.open(on, backend, options);

    opened.push(session);

    return session;
  }

  /** A browser for one test. It may not survive the test. */
  async function launchDoomed(): Promise<Browser> {
    const doomed = await launch();

    opened.push({ close: () => endBrowser(doomed) });

    return doomed;
  }

  describe('an application', () => {
    it('an application with idle transports is alive on both sides under a strict Content-Security-Policy', async () => {
      const session = await open();

      await session.untilAlive();
      expect(session.complaints).toEqual([]);
      expect(await session.page.evaluate(() => window.app.heartbeats?.state)).toBe('alive');
    });

    it('an application with its own data channels notices nothing of the heartbeat', async () => {
      const without = await open({ clientSide: false, serverSide: false });
      const withBoth = await open();

      for (const { page } of [without, withBoth]) {
        await page.evaluate(async () => {
          await window.app.useData();
          await window.app.echo('through the server and back');
        });
      }

      await withBoth.untilAlive();

      const [seenWithout = [], seenWith = []] = await Promise.all(
        [without, withBoth].map(({ page }) => page.evaluate(() => window.app.seen)),
      );

      // The order counts on each transport by itself. When a connection is up depends on the network.
      for (const events of [
        /^send: .*(connect$|data)/,
        /^recv: .*(connect$|data)/,
        /^send: connect(ing|ed)$/,
        /^recv: connect(ing|ed)$/,
      ]) {
        expect(seenWith.filter(event => events.test(event))).toEqual(
          seenWithout.filter(event => events.test(event)),
        );
      }

      expect(seenWith).toContain('send: producedata chat');
      await withBoth.page.evaluate(() => window.app.echo('and again'));
      expect(withBoth.complaints).toEqual([]);
    });

    it('an application with only the client side works as without it, and the reason says why it is idle', async () => {
      const { page, complaints } = await open({ serverSide: false });

      await page.evaluate(async () => {
        await window.app.useData();
        await window.app.echo('hello');
      });
      expect(await page.evaluate(() => window.app.states)).toEqual({
        send: { state: 'pending', reason: 'no-server-half' },
        recv: { state: 'pending', reason: 'no-server-half' },
      });
      expect(complaints).toEqual([]);
    });

    it('an application with only the server side works as without it, and the reason says why it is idle', async () => {
      const { page, send, recv } = await open({ clientSide: false });

      await page.evaluate(async () => {
        await window.app.useData();
        await window.app.echo('hello');
      });
      expect(send).toMatchObject({ state: 'pending', reason: 'no-client-half' });
      expect(recv).toMatchObject({ state: 'pending', reason: 'no-client-half' });
    });

    it('a page that creates its device anew is alive by the new device and dead by the old one', async () => {
      const session = await open();
      const { page } = session;
      const former = { send: session.send, recv: session.recv };

      await session.untilAlive();

      const formerApp = await page.evaluateHandle(() => window.app);

      await page.evaluate(() => window.another().start({ heartbeat: true }));
      await session.untilAlive();
      expect(session.send).not.toBe(former.send);
      expect(former.send).toMatchObject({ state: 'alive', reason: 'first-pong' });

      await formerApp.evaluate(app => app.close());
      await untilState(former.send, 'dead');
      await untilState(former.recv, 'dead');
      expect(former.send.reason).toBe('goodbye');
      expect(session.send).toMatchObject({ state: 'alive', reason: 'first-pong' });
      expect(session.recv).toMatchObject({ state: 'alive', reason: 'first-pong' });
      expect(await page.evaluate(() => window.app.verdicts.toSorted())).toEqual([
        'recv alive: first-ping',
        'send alive: first-ping',
      ]);
      expect(session.complaints).toEqual([]);
    });
  });

  describe('the end of a page', () => {
    it('a closed tab is a goodbye', async () => {
      const session = await open();

      await session.untilAlive();
      await session.page.close();
      await session.untilServerSees('dead');
      expect(farewells).toContain(session.send.reason);
      expect(farewells).toContain(session.recv.reason);
    });

    it.each<[string, (page: Page) => Promise<unknown>]>([
      ['navigation', page => page.goto('about:blank')],
      ['reload', page => page.reload()],
    ])('a %s of the page is a goodbye', async (_, end) => {
      const session = await open();

      await session.untilAlive();
      await end(session.page);
      await session.untilServerSees('dead');
      expect(session.send.reason).toBe('goodbye');
      expect(session.recv.reason).toBe('goodbye');
    });

    it('a crashed page is dead by missed pings', async () => {
      const doomed = await launchDoomed();
      const session = await open({}, doomed);

      await session.untilAlive();
      await crash(session.page);
      await session.untilServerSees('dead');
      expect(session.send.reason).toBe('missed-pings');
      expect(session.recv.reason).toBe('missed-pings');
    });

    it('a killed browser is dead by missed pings', async () => {
      const doomed = await launchDoomed();
      const session = await open({}, doomed);

      await session.untilAlive();
      signalBrowser(doomed, 'SIGKILL');
      await session.untilServerSees('dead');
      expect(session.send.reason).toBe('missed-pings');
      expect(session.recv.reason).toBe('missed-pings');
    });
  });

  describe('a browser that is stopped', () => {
    it('a stopped browser is dead until it goes on, and blames nobody for its own pause', async () => {
      const doomed = await launchDoomed();
      const session = await open({}, doomed);

      await session.untilAlive();
      signalBrowser(doomed, 'SIGSTOP');
      await session.untilServerSees('dead');
      expect(session.send.reason).toBe('missed-pings');
      signalBrowser(doomed, 'SIGCONT');
      await session.untilAlive();
      expect(session.send.reason).toBe('recovered');
      expect(session.recv.reason).toBe('recovered');
      expect(await session.page.evaluate(() => window.app.verdicts.toSorted())).toEqual([
        'recv alive: first-ping',
        'send alive: first-ping',
      ]);
    });
  });

  describe('the end of a transport', () => {
    it('a transport that the page closes without signalling is a goodbye', async () => {
      const session = await open();

      await session.untilAlive();
      await session.page.evaluate(() => window.app.close());
      await session.untilServerSees('dead');
      expect(session.send.reason).toBe('goodbye');
      expect(session.recv.reason).toBe('goodbye');
    });

    it('a transport that the server closes is a goodbye to the page', async () => {
      const session = await open();

      await session.untilAlive();
      session.application.closeTransports();
      await session.page.evaluate(() => window.app.until('dead'));

      const { send, recv } = await session.page.evaluate(() => window.app.states);

      expect([send?.state, recv?.state]).toEqual(['dead', 'dead']);
      expect(serverFarewells).toContain(send?.reason);
      expect(serverFarewells).toContain(recv?.reason);
      expect(session.send).toMatchObject({ state: 'closed', reason: 'transport-closed' });
    });

    it('the server notices that the page closed the connection under its transport', async () => {
      const session = await open();

      await session.untilAlive();
      await session.page.evaluate(() => window.app.cut());
      await session.untilServerSees('dead');
      // The browser decides which of the two comes first.
      expect(['sctp-closed', 'dtls-closed']).toContain(session.send.reason);
      expect(['sctp-closed', 'dtls-closed']).toContain(session.recv.reason);
    });
  });

  describe('a path', () => {
    it('a cut path makes both sides suspect, then dead, and alive again when it is restored', async () => {
      const session = await open();
      const { page, application, recv } = session;

      await session.untilAlive();
      application.blackout(true);
      await session.untilServerSees('dead');
      await page.evaluate(() => window.app.until('dead'));
      expect(recv.reason).toBe('missed-pings');
      expect(await page.evaluate(() => window.app.states.recv?.reason)).toBe('missed-pings');
      application.blackout(false);
      await session.untilAlive();
      expect(recv.reason).toBe('recovered');
    }, 60_000);
  });

  describe('a page in the background', () => {
    it('a page in the background notices a cut path despite its slow timers, and is alive when it is restored', async () => {
      const session = await open({}, await launchDoomed());
      const { page, application } = session;

      await session.untilAlive();
      await hide(page);
      await page.evaluate(untilHidden);
      await session.untilAnswers(2);
      expect(session.send.stats.hidden).toBe(true);
      application.blackout(true);
      await session.untilServerSees('dead');
      await page.evaluate(() => window.app.until('dead'));
      application.blackout(false);
      await session.untilAlive();

      const verdicts = await page.evaluate(() =>
        window.app.verdicts.filter(verdict => verdict.startsWith('send')),
      );

      // ICE may notice the cut when it is over: that comes after these.
      expect(verdicts.slice(0, 4)).toEqual([
        'send alive: first-ping',
        'send suspect: missed-pings',
        'send dead: missed-pings',
        'send alive: recovered',
      ]);
    }, 60_000);
  });

  describe('a server that hangs', () => {
    it('a server that hangs is told from a lost path, because its worker still answers, and is not dead', async () => {
      // Not through a relay, which would hang with this process.
      const session = await open({ relay: false });
      const { page } = session;

      await session.untilAlive();

      const { send, recv } = session;

      // This process is the server. Nothing of it runs for 9 s, but the worker does.
      const end = performance.now() + 9000;

      while (performance.now() < end);

      await page.evaluate(() => window.app.until('alive'));

      const verdicts = await page.evaluate(() => window.app.verdicts);

      expect(verdicts).toContain('send suspect: server-unresponsive');
      expect(verdicts).toContain('recv suspect: server-unresponsive');
      expect(verdicts.filter(verdict => verdict.includes('dead'))).toEqual([]);
      // The server knows that it stalled, and suspects nobody.
      expect(send).toMatchObject({ state: 'alive', reason: 'first-pong' });
      expect(recv).toMatchObject({ state: 'alive', reason: 'first-pong' });
    }, 60_000);
  });

  describe('a page that hangs', () => {
    it('a page that hangs is told from a lost client and is not dead', async () => {
      const session = await open();
      const { page, send } = session;
      const verdicts: string[] = [];

      await session.untilAlive();
      send.on('statechange', ({ state, reason }) => verdicts.push(`${state}: ${reason}`));
      await page.evaluate(() => window.app.block(10_000));
      await untilState(send, 'alive');
      expect(verdicts).toContain('suspect: page-unresponsive');
      expect(verdicts.filter(verdict => verdict.startsWith('dead'))).toEqual([]);
      expect(await page.evaluate(() => window.app.heartbeats?.state)).toBe('alive');
    }, 60_000);

    it('a page that hangs answers the pings that waited when it continues, and neither side calls that a violation', async () => {
      // Ten pings a second would be 250 by then, where 200 frames at once are accepted otherwise.
      const session = await open({ serverSide: { interval: 100 } });
      const { page, send, recv } = session;
      const verdicts: string[] = [];

      await session.untilAlive();

      for (const heartbeat of [send, recv]) {
        heartbeat.on('statechange', ({ state, reason }) => verdicts.push(`${state}: ${reason}`));
      }

      await page.evaluate(() => window.app.block(25_000));
      await untilState(send, 'alive');
      await untilState(recv, 'alive');
      await session.untilAnswers(5);
      expect(verdicts.filter(verdict => verdict.startsWith('dead'))).toEqual([]);
      expect([send.stats.malformed, recv.stats.malformed]).toEqual([0, 0]);
      expect(await page.evaluate(() => window.app.verdicts.toSorted())).toEqual([
        'recv alive: first-ping',
        'send alive: first-ping',
      ]);
    }, 90_000);
  });
}
