import { createRequire } from 'node:module';
import type { types } from 'mediasoup';
import { afterAll, afterEach, beforeAll, beforeEach, onTestFinished } from 'vitest';

/** A line of mediasoup's log that a test may cause, and why the heartbeat is not the cause. */
type Allowance = { line: RegExp; because: string };

/** The part of mediasoup that tells what it logs. */
type Mediasoup = Pick<typeof import('mediasoup'), 'observer' | 'setLogEventListeners'>;

/** What the worker warns of when it is asked to. The rest concerns the path and media, of which the heartbeat has none. */
const TAGS: types.WorkerLogTag[] = ['info', 'sctp', 'message'];

/** What the worker says of every client that leaves, and of every message that is lost and not sent again. */
const NATIVE = [
  /DTLS not connected, cannot send SCTP data/,
  /couldn't send SCTP packet/,
  /OutstandingData::(ExpireOutstandingChunks|AbandonAllFor)\(\)/,
  /SCTP message sent failure/,
];

/**
 * What it says of a message that crosses with the opening or the end of its stream, of its association or of the Worker.
 * That cannot be avoided, but happens once.
 */
const CROSSING = [
  /no suitable DataProducer for received SCTP message/,
  /DATACONSUMER_SEND, id:\d+\]: message send failed/,
  /failed to send SCTP message/,
  /cannot reset outbound streams as the association is not connected/,
  /broken pipe/,
];

/** As many lines may be due to messages that cross: a goodbye is sent three times. */
const MAX_CROSSING = 3;

const require = createRequire(import.meta.url);
const lines: string[] = [];
const allowances = new Set<Allowance>();
const workers = new Set<types.Worker>();
const watched = new Set<Mediasoup>();

/**
 * Lets mediasoup log such a line: during this test, or in all of the file where it is called outside of a test, as it must
 * be for tests that run at the same time. Every other line fails the test in which it appears.
 */
export function allowLog(line: RegExp, because: string): void {
  const allowance = { line, because };

  allowances.add(allowance);

  try {
    onTestFinished(() => void allowances.delete(allowance));
  } catch {
    // Not in a test.
  }
}

/** The environment of a process that writes mediasoup's log to its standard error, for {@link logIn}. */
export const LOGGING = { ...process.env, DEBUG: 'mediasoup:WARN* mediasoup:ERROR*', DEBUG_COLORS: 'false' };

/** What a process has written of mediasoup's log that no test expects. */
export function logIn(stderr: string): string[] {
  return stderr
    .split('\n')
    .filter(
      line =>
        /mediasoup:(WARN|ERROR)/.test(line) && ![...NATIVE, ...CROSSING].some(known => known.test(line)),
    );
}

/** What has been logged in this test so far that no other test expects either. It is looked at again when the test ends. */
export async function readLog(): Promise<string[]> {
  await settle();

  return lines.filter(logged => !NATIVE.some(line => line.test(logged)));
}

/** Reads the log of every mediasoup that the test has loaded. To load one here would be wrong: not every test has one. */
function watch(): void {
  for (const name of ['mediasoup', 'mediasoup-oldest']) {
    const mediasoup = require.cache[require.resolve(name)]?.exports as Mediasoup | undefined;

    if (mediasoup === undefined || watched.has(mediasoup)) {
      continue;
    }

    watched.add(mediasoup);
    mediasoup.setLogEventListeners({
      onwarn: (namespace, line) => lines.push(`${namespace} ${line}`),
      onerror: (namespace, line, error) => lines.push(`${namespace} ${line} ${error ?? ''}`),
    });
    mediasoup.observer.on('newworker', worker => {
      workers.add(worker);
      worker.updateSettings({ logLevel: 'warn', logTags: TAGS }).catch(() => {});
    });
  }
}

/** Waits until everything that was asked of the workers so far is done, and what they logged of it has been read. */
async function settle(): Promise<void> {
  for (const worker of workers) {
    if (!worker.closed) {
      await worker.dump().catch(() => {});
    } else if (!worker.subprocessClosed) {
      await new Promise<void>(resolve => worker.once('subprocessclose', resolve));
    }
  }
}

async function check(): Promise<void> {
  await settle();

  const allowed = [...NATIVE, ...[...allowances].map(({ line }) => line)];
  const matches = (patterns: RegExp[]) => (logged: string) => patterns.some(line => line.test(logged));
  const suspicious = lines.splice(0).filter(logged => !matches(allowed)(logged));
  const crossing = suspicious.filter(matches(CROSSING));
  const unexpected =
    crossing.length > MAX_CROSSING ? suspicious : suspicious.filter(logged => !crossing.includes(logged));

  if (unexpected.length > 0) {
    throw new Error(`mediasoup has logged what no test expected:\n${unexpected.join('\n')}`);
  }
}

beforeAll(watch);
beforeEach(watch);
afterEach(check);
// Behind those of the test's own file, which close the workers.
afterAll(check);
