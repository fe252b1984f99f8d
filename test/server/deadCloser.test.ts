import type { StateChange } from '@mediasoup-heartbeat/protocol';
import type { Cleanup, CloseOnDead, HeartbeatTransport } from '@mediasoup-heartbeat/server';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { resolveCloseOnDead } from '../../packages/server/src/ClosePolicy.ts';
import { now } from '../../packages/server/src/clock.ts';
import { DeadCloser } from '../../packages/server/src/DeadCloser.ts';

// On a simulated clock: limits, callbacks that never settle, and a server that is unwell for a minute. On real workers and real
// clients: heartbeatGroup.test.ts and lifecycle.test.ts.

beforeAll(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance'],
  });
});
// Whatever a test has left is over, and counts against no limit of the next one.
afterEach(() => pass(200_000));
afterAll(() => vi.useRealTimers());

/** A client whose state, path and server the test sets. */
class Client {
  isServerWell = true;
  isReturning = false;
  pendingUntil: number | undefined;
  bytesReceived = 1000;
  readonly closedAt: number[] = [];
  readonly cleanups: Cleanup[] = [];
  readonly errors: string[] = [];
  readonly transports = [
    {
      id: 'id',
      getStats: async () => [{ bytesReceived: this.bytesReceived }],
    } as unknown as HeartbeatTransport,
  ];
  readonly closer: DeadCloser;

  constructor(closeOnDead: true | CloseOnDead) {
    this.closer = new DeadCloser(
      this,
      resolveCloseOnDead(closeOnDead) as Exclude<ReturnType<typeof resolveCloseOnDead>, false>,
    );
  }

  close(cleanup: Cleanup): void {
    this.closedAt.push(performance.now());
    this.cleanups.push(cleanup);
  }

  failed(error: Error): void {
    this.errors.push(error.message);
  }

  die(reason: StateChange['reason'] = 'missed-pings', previous: StateChange['state'] = 'suspect'): this {
    this.closer.changed({ state: 'dead', previous, reason, at: now(), silentFor: 5000 });

    return this;
  }

  return(): void {
    this.closer.changed({ state: 'alive', previous: 'dead', reason: 'recovered', at: now(), silentFor: 0 });
  }
}

/** Lets so much time pass, with all that is due, input included. */
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('a dead client', () => {
  it('is closed after its grace, and the cleanup says why and since when it was dead', async () => {
    const client = new Client({ grace: 10_000 }).die('ice-disconnected');
    const deadAt = now();

    await pass(9990);
    expect(client.cleanups).toEqual([]);
    await pass(20);
    expect(client.cleanups).toEqual([
      {
        transports: client.transports,
        reason: 'ice-disconnected',
        deadAt,
        deadFor: expect.closeTo(10_000, -2),
      },
    ]);
  });

  it('is closed once', async () => {
    const client = new Client(true).die();

    await pass(120_000);
    expect(client.cleanups).toHaveLength(1);
  });

  it('is not closed if it is alive again when the grace ends', async () => {
    const client = new Client({ grace: 10_000 }).die();

    await pass(9990);
    client.return();
    await pass(120_000);
    expect(client.cleanups).toEqual([]);
  });

  it('has its whole grace again if it comes back and dies again', async () => {
    const client = new Client({ grace: 10_000 }).die();

    await pass(9000);
    client.return();
    client.die();
    await pass(9000);
    expect(client.cleanups).toEqual([]);
    await pass(1100);
    expect(client.cleanups).toHaveLength(1);
  });

  it('has its whole grace again if it gets another transport', async () => {
    const client = new Client({ grace: 10_000 }).die();

    await pass(9000);
    client.closer.joined();
    await pass(9000);
    expect(client.cleanups).toEqual([]);
    await pass(1100);
    expect(client.cleanups).toHaveLength(1);
  });

  it('has its whole grace again each time it comes on another path, as it may not be heard for long', async () => {
    const client = new Client({ grace: 10_000 }).die();

    // A laptop that sleeps again and again.
    for (let sleep = 0; sleep < 4; sleep++) {
      await pass(8000);
      client.closer.moved();
    }

    await pass(9900);
    expect(client.closedAt).toEqual([]);
    await pass(200);
    expect(client.closedAt).toHaveLength(1);
  });

  it('is closed after ten graces, or one more, however often it comes on another path', async () => {
    const client = new Client({ grace: 10_000 }).die();
    const diedAt = performance.now();

    for (let move = 0; move < 150; move++) {
      await pass(1000);
      client.closer.moved();
    }

    expect(client.closedAt).toHaveLength(1);
    expect(client.closedAt[0]).toBeGreaterThan(diedAt + 100_000);
    expect(client.closedAt[0]).toBeLessThan(diedAt + 110_500);
  });

  it('has another grace on another path each time that it has died', async () => {
    const client = new Client({ grace: 10_000 });

    for (let death = 0; death < 2; death++) {
      client.die();
      await pass(8000);
      client.closer.moved();
      await pass(8000);
      client.return();
    }

    await pass(60_000);
    expect(client.closedAt).toEqual([]);
  });

  it('has no further grace on another path after a goodbye, or if its path was not silent', async () => {
    for (const reason of ['goodbye', 'page-unresponsive'] as const) {
      const client = new Client({ grace: 10_000 }).die(reason);
      const diedAt = performance.now();

      await pass(reason === 'goodbye' ? 0 : 8000);
      client.closer.moved();
      await pass(10_000);
      expect(client.closedAt[0]).toBeLessThan(diedAt + 10_200);
    }
  });

  it('is closed at once after a goodbye', async () => {
    const client = new Client({ grace: 3_600_000 }).die('goodbye');

    await pass(10);
    expect(client.cleanups).toMatchObject([{ reason: 'goodbye' }]);
  });
});

describe('a dead client whose reason changes', () => {
  it('has no further grace, and is closed for the latest reason', async () => {
    const client = new Client({ grace: 10_000 }).die('ice-disconnected');
    const deadAt = now();

    await pass(9000);
    client.die('sctp-failed', 'dead');
    await pass(1100);
    expect(client.cleanups).toMatchObject([{ reason: 'sctp-failed', deadAt }]);
  });

  it('is closed at once if it says goodbye, and is dead since its death', async () => {
    const client = new Client({ grace: 10_000 }).die();
    const deadAt = now();

    await pass(1000);
    client.die('goodbye', 'dead');
    await pass(10);
    expect(client.cleanups).toMatchObject([{ reason: 'goodbye', deadAt }]);
  });

  it('stays open after a veto', async () => {
    const onBeforeClose = vi.fn(() => false);
    const client = new Client({ grace: 0, onBeforeClose }).die('ice-disconnected');

    await pass(10);
    client.die('missed-pings', 'dead');
    await pass(120_000);
    expect(onBeforeClose).toHaveBeenCalledOnce();
    expect(client.cleanups).toEqual([]);
  });
});

describe('a path that has yet to answer', () => {
  it('has its time for that, although there is no grace', async () => {
    const client = new Client(true);

    client.pendingUntil = now() + 15_000;
    client.die();
    await pass(14_900);
    expect(client.cleanups).toEqual([]);
    await pass(200);
    expect(client.cleanups).toHaveLength(1);
  });

  it('has the grace, although the client has said goodbye on another one', async () => {
    const client = new Client({ grace: 10_000 });

    client.pendingUntil = now();
    client.die('goodbye');
    await pass(9900);
    expect(client.cleanups).toEqual([]);
    await pass(200);
    expect(client.cleanups).toHaveLength(1);
  });
});

describe('signs of life when the grace ends', () => {
  it('spare a client that has answered once, until it is alive', async () => {
    const client = new Client(true).die();

    client.isReturning = true;
    await pass(2000);
    client.return();
    await pass(120_000);
    expect(client.cleanups).toEqual([]);
  });

  it('spare a client that answers again after its goodbye', async () => {
    const client = new Client(true).die('goodbye');

    client.isReturning = true;
    await pass(2000);
    client.return();
    await pass(120_000);
    expect(client.cleanups).toEqual([]);
  });

  it('do not spare a client any more that is silent again', async () => {
    const client = new Client(true).die();

    client.isReturning = true;
    await pass(2000);
    client.isReturning = false;
    await pass(500);
    expect(client.cleanups).toHaveLength(1);
  });

  it('spare a client whose path carries something again, although nothing has been answered yet', async () => {
    const client = new Client({ grace: 10_000 }).die();

    await pass(9000);
    client.bytesReceived += 100;
    // SCTP takes its time to send again.
    await pass(5500);
    client.return();
    await pass(120_000);
    expect(client.cleanups).toEqual([]);
  });

  it('spare a client for a minute at most whose path carries something that is no answer', async () => {
    const client = new Client({ grace: 10_000 }).die();

    for (let second = 0; second < 75; second++) {
      client.bytesReceived += 100;
      await pass(1000);
    }

    expect(client.cleanups).toHaveLength(1);
    expect(client.cleanups[0]?.deadFor).toBeGreaterThan(60_000);
  });

  it('do not spare a hung page, whose path carried something all the time', async () => {
    const client = new Client({ grace: 10_000 }).die('page-unresponsive');

    await pass(9000);
    client.bytesReceived += 100;
    await pass(1100);
    expect(client.cleanups).toHaveLength(1);
  });

  it('are not looked for on a transport whose worker is gone', async () => {
    const client = new Client({ grace: 1000 });

    vi.spyOn(client.transports[0] as HeartbeatTransport, 'getStats').mockRejectedValue(
      new Error('Channel closed'),
    );
    client.die();
    await pass(1100);
    expect(client.cleanups).toHaveLength(1);
  });
});

describe('a server that is unwell', () => {
  it('closes nobody until it is well, and spares clients that come back then', async () => {
    const clients = Array.from({ length: 3 }, () => new Client(true));

    for (const client of clients) {
      client.isServerWell = false;
      client.die('server-network');
    }

    await pass(30_000);
    expect(clients.map(({ cleanups }) => cleanups.length)).toEqual([0, 0, 0]);
    clients[1]?.return();

    for (const client of clients) {
      client.isServerWell = true;
    }

    await pass(1000);
    expect(clients.map(({ cleanups }) => cleanups.length)).toEqual([1, 0, 1]);
  });

  it('closes clients after a minute, because they may have left while it was unwell', async () => {
    const client = new Client(true);

    client.isServerWell = false;
    client.die('server-network');
    await pass(59_000);
    expect(client.cleanups).toEqual([]);
    await pass(2000);
    expect(client.cleanups).toHaveLength(1);
  });
});

describe('maxPerSecond', () => {
  it('limits how many clients of the process are closed within a second', async () => {
    const clients = Array.from({ length: 10 }, () => new Client({ grace: 0, maxPerSecond: 3 }).die());

    await pass(10_000);

    const times = clients.flatMap(({ closedAt }) => closedAt);

    expect(times).toHaveLength(10);

    for (const time of times) {
      expect(times.filter(other => other >= time && other < time + 999).length).toBeLessThanOrEqual(3);
    }
  });

  it('is 50 by default', async () => {
    const clients = Array.from({ length: 60 }, () => new Client(true).die());

    await pass(900);
    expect(clients.filter(({ cleanups }) => cleanups.length > 0)).toHaveLength(50);
    await pass(1000);
    expect(clients.filter(({ cleanups }) => cleanups.length > 0)).toHaveLength(60);
  });

  it('spares a client that comes back while it waits for its turn', async () => {
    const [, waiting] = Array.from({ length: 2 }, () => new Client({ grace: 0, maxPerSecond: 1 }).die());

    await pass(500);
    waiting?.return();
    await pass(10_000);
    expect(waiting?.cleanups).toEqual([]);
  });
});

describe('onBeforeClose', () => {
  it.each([
    ['false', () => false],
    ['a promise of false', async () => false],
  ])(
    'keeps the transports open if it returns %s, and is asked again only after another death',
    async (_name, answer) => {
      const onBeforeClose = vi.fn<(cleanup: Cleanup) => boolean | Promise<boolean>>(answer);
      const client = new Client({ grace: 0, onBeforeClose }).die();

      await pass(120_000);
      expect(client.cleanups).toEqual([]);
      expect(onBeforeClose).toHaveBeenCalledTimes(1);
      expect(onBeforeClose).toHaveBeenCalledWith({
        transports: client.transports,
        reason: 'missed-pings',
        deadAt: expect.any(Number),
        deadFor: expect.any(Number),
      });

      onBeforeClose.mockReturnValue(true);
      client.return();
      client.die();
      await pass(1000);
      expect(client.cleanups).toHaveLength(1);
    },
  );

  it.each([
    [
      'throws',
      () => {
        throw new Error('mine');
      },
      'mine',
    ],
    ['is rejected', () => Promise.reject(new Error('mine')), 'mine'],
    ['rejects with no error', () => Promise.reject('mine'), 'mine'],
    [
      'never settles',
      () => new Promise<boolean>(() => {}),
      'onBeforeClose() took longer than 5000 ms; the transports are closed.',
    ],
  ])('is reported and closes the transports if it %s', async (_name, onBeforeClose, message) => {
    const client = new Client({ grace: 0, onBeforeClose }).die();

    await pass(4900);
    await pass(200);
    expect(client.errors).toEqual([message]);
    expect(client.cleanups).toHaveLength(1);
  });

  it('keeps nobody else waiting while it thinks', async () => {
    const thinking = new Client({ grace: 0, onBeforeClose: () => new Promise<boolean>(() => {}) }).die();
    const other = new Client(true).die();

    await pass(10);
    expect(other.cleanups).toHaveLength(1);
    expect(thinking.cleanups).toEqual([]);
    await pass(6000);
  });

  it('closes no client that comes back while it thinks, whatever it returns', async () => {
    let answer: (isAllowed: boolean) => void = () => {};
    const client = new Client({
      grace: 0,
      onBeforeClose: () => new Promise<boolean>(resolve => (answer = resolve)),
    }).die();

    await pass(10);
    client.return();
    answer(true);
    await pass(120_000);
    expect(client.cleanups).toEqual([]);
  });

  it('closes no client that has answered while it thinks', async () => {
    const answers: ((isAllowed: boolean) => void)[] = [];
    const client = new Client({
      grace: 0,
      onBeforeClose: () => new Promise<boolean>(resolve => answers.push(resolve)),
    }).die();

    await pass(10);
    client.isReturning = true;
    answers[0]?.(true);
    await pass(10);
    expect(client.cleanups).toEqual([]);
    client.isReturning = false;
    await pass(300);
    answers[1]?.(true);
    await pass(10);
    expect(client.cleanups).toHaveLength(1);
  });

  it('closes no client that gets another transport while it thinks, until the grace is over again', async () => {
    const answers: ((isAllowed: boolean) => void)[] = [];
    const client = new Client({
      grace: 10_000,
      onBeforeClose: () => new Promise<boolean>(resolve => answers.push(resolve)),
    }).die();

    await pass(10_100);
    client.closer.joined();
    answers[0]?.(true);
    await pass(9900);
    expect(client.cleanups).toEqual([]);
    expect(answers).toHaveLength(1);
    await pass(200);
    answers[1]?.(true);
    await pass(10);
    expect(client.cleanups).toHaveLength(1);
  });

  it('is asked again if another transport came while the statistics were read', async () => {
    const reads: (() => void)[] = [];
    const client = new Client({ grace: 10_000 });

    client.transports[0] = {
      id: 'id',
      getStats: () => new Promise(resolve => reads.push(() => resolve([{ bytesReceived: 1000 }]))),
    } as unknown as HeartbeatTransport;
    client.die();
    reads[0]?.();
    await pass(10_100);
    // The read at the end of the grace is under way.
    expect(reads).toHaveLength(2);
    client.closer.joined();
    reads[1]?.();
    reads[2]?.();
    await pass(9800);
    expect(client.cleanups).toEqual([]);
    await pass(300);
    reads[3]?.();
    await pass(10);
    expect(client.cleanups).toHaveLength(1);
  });

  it('has no say about a later death', async () => {
    const answers: ((isAllowed: boolean) => void)[] = [];
    const client = new Client({
      grace: 0,
      onBeforeClose: () => new Promise<boolean>(resolve => answers.push(resolve)),
    }).die();

    await pass(10);
    client.return();
    client.die();
    await pass(10);
    answers[0]?.(false);
    answers[1]?.(true);
    await pass(10);
    expect(client.cleanups).toHaveLength(1);
  });
});
