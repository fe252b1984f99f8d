import { setTimeout as lasting } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import type { Impairment } from '../../examples/meeting/relay/Impairment.ts';
import { unlikely } from './binomial.ts';
import { Call } from './Call.ts';
import { Figures, median } from './Figures.ts';
import { useRouter } from './useRouter.ts';

vi.setConfig({ maxConcurrency: 50, testTimeout: 120_000 });

const backend = useRouter();

/** The window of the statistics, and the pings in flight when it is full. */
const WINDOW = 128 + 20;

/** The shortest interval. */
const FAST = { server: { interval: 100 } };

/** Pings of a window that are late on a busy machine. The client cannot always tell them from lost ones. */
const OVERDUE = 4;

/**
 * Pings of a window that SCTP gives up where packets are later than its shortest timeout of 400 ms: it skips them, and
 * they are dropped when they come. Seldom more than one.
 */
const GIVEN_UP = 6;

/** Each call loses other packets. */
const SEEDS = [1, 2, 3, 4];

type Path = { uplink?: Partial<Impairment>; downlink?: Partial<Impairment> };

/** A call over such a path: what it measured and reported after it had adapted, until its window was full. */
async function measured(
  { uplink = {}, downlink = {} }: Path,
  seed = 1,
): Promise<{ call: Call; figures: Figures }> {
  const call = await Call.begin(backend.router, { ...FAST, seed });

  call.relay.impair(uplink, 'uplink');
  call.relay.impair(downlink, 'downlink');
  await call.settle();
  call.forget();

  const figures = new Figures(call);

  await call.pings(WINDOW);

  return { call, figures };
}

/**
 * Expects the loss in both directions, as each side sees it, to fit these probabilities. It sums several calls, which
 * have half the error of one.
 */
function expectLoss(calls: Call[], uplink: number, downlink: number): void {
  for (const side of ['server', 'client'] as const) {
    const windows = calls.map(call => call[side].stats.loss);
    const pings = { all: 0, arrived: 0, down: 0, up: 0, round: 0 };

    for (const loss of windows) {
      const down = Math.round((loss.downlink ?? Number.NaN) * loss.window);

      // More than half: the others are in flight, or were quick probes.
      expect(loss.window, side).toBeGreaterThan(64);
      pings.all += loss.window;
      pings.arrived += loss.window - down;
      pings.down += down;
      pings.up += Math.round((loss.uplink ?? Number.NaN) * (loss.window - down));
      pings.round += Math.round((loss.round ?? Number.NaN) * loss.window);
    }

    const error = OVERDUE * calls.length;
    const round = 1 - (1 - uplink) * (1 - downlink);

    expect(unlikely(pings.down, pings.all, downlink, error), `${side}: downlink`).toBeUndefined();
    expect(unlikely(pings.up, pings.arrived, uplink, error), `${side}: uplink`).toBeUndefined();
    expect(unlikely(pings.round, pings.all, round, error), `${side}: round`).toBeUndefined();
  }
}

describe.concurrent('loss', () => {
  it.each([
    [0, 0],
    [0.01, 0.01],
    [0.1, 0],
    [0, 0.1],
    [0.05, 0.2],
    [0.3, 0.3],
    [0.5, 0],
    [0, 0.5],
    [0.5, 0.5],
  ])(
    'loss of %d on the uplink and %d on the downlink is measured by both sides and makes nobody dead',
    async (uplink, downlink) => {
      const measurements = await Promise.all(
        SEEDS.map(seed => measured({ uplink: { loss: uplink }, downlink: { loss: downlink } }, seed)),
      );
      const calls = measurements.map(({ call }) => call);

      expectLoss(calls, uplink, downlink);

      const doubted = calls.filter(({ said }) => said.server.length + said.client.length > 0);
      const most = Math.max(uplink, downlink);

      if (most <= 0.1) {
        // One packet in ten may be lost three times in a row.
        expect(doubted.length, doubted.map(({ log }) => log).join('\n')).toBeLessThanOrEqual(
          most > 0.01 ? 1 : 0,
        );
      }

      for (const call of calls) {
        expect([...call.said.server, ...call.said.client].join()).not.toContain('dead');
        call.end();
      }
    },
  );
});

describe.concurrent('delay', () => {
  it.each([
    [0, 0],
    [10, 10],
    [100, 20],
    [20, 100],
    [400, 400],
  ])('a delay of %i ms up and %i ms down is the RTT on both sides', async (up, down) => {
    const { call, figures } = await measured({ uplink: { delay: up }, downlink: { delay: down } });

    figures.expectRtt();
    await figures.expectPublished();
    expectLoss([call], 0, 0);
    call.expectSaid([], []);
    call.end();
  });

  it('the RTT follows a step from 20 ms to 800 ms and back, and nobody is dead', async () => {
    const call = await Call.begin(backend.router, FAST);

    for (const rtt of [20, 800, 20]) {
      call.relay.impair({ delay: rtt / 2 });
      await call.settle();

      const figures = new Figures(call);

      await call.pings(60);
      figures.expectRtt();
      figures.expectSmoothed();
    }

    expect([...call.said.server, ...call.said.client].join()).not.toContain('dead');
    expect([call.server.state, call.client.state]).toEqual(['alive', 'alive']);
    call.end();
  });

  it('an RTT step to 800 ms at the default interval makes a side suspect at most', async () => {
    const call = await Call.begin(backend.router);

    for (const rtt of [20, 800, 20]) {
      call.relay.impair({ delay: rtt / 2 });
      await call.pings(6);
    }

    const doubt = ['suspect: missed-pings', 'alive: recovered'];

    expect([[], doubt]).toContainEqual(call.said.server);
    expect([[], doubt]).toContainEqual(call.said.client);
    expect(call.server.stats.late).toBe(0);
    call.end();
  });
});

describe.concurrent('a path', () => {
  it('jitter shows in the RTT and not as loss', async () => {
    const jittery = { delay: 50, jitter: 40 };
    const { call, figures } = await measured({ uplink: jittery, downlink: jittery });

    figures.expectMedianRtt();
    expectLoss([call], 0, 0);
    call.expectSaid([], []);
    call.end();
  });

  it('reordering is not counted as loss', async () => {
    const reordering = { delay: 50, jitter: 300, reorder: true };
    // Of pings that are so far apart.
    const overtaken = (2 * reordering.jitter) / FAST.server.interval;
    const { call, figures } = await measured({ uplink: reordering, downlink: reordering });

    figures.expectMedianRtt('server');
    // Overtaken pongs are not acknowledged: the client only knows the RTT of the faster ones. Two medians of as many random times
    // differ by chance: three standard errors, at a density of 1 / jitter.
    const chance = (3 * Math.SQRT2 * reordering.jitter) / (2 * Math.sqrt(figures.rtts.client.length));

    expect(median(figures.rtts.client)).toBeLessThan(median(figures.rtts.server) + chance);
    expect(call.client.stats.late).toBeGreaterThan(0);

    for (const { loss } of [call.server.stats, call.client.stats]) {
      expect((loss.round ?? Number.NaN) * loss.window).toBeLessThanOrEqual(overtaken + GIVEN_UP);
    }

    call.relay.impair({ jitter: 0, reorder: false });
    await call.settle();

    for (const { loss } of [call.server.stats, call.client.stats]) {
      expect((loss.round ?? Number.NaN) * loss.window).toBeLessThanOrEqual(GIVEN_UP);
    }

    expect([call.server.stats.malformed, call.client.stats.malformed]).toEqual([0, 0]);
    expect([...call.said.server, ...call.said.client].join()).not.toContain('dead');
    call.end();
  });

  it('a duplicated packet counts once', async () => {
    const doubling = { duplicate: 0.5 };
    const { call, figures } = await measured({ uplink: doubling, downlink: doubling });

    figures.expectRtt();
    expectLoss([call], 0, 0);
    expect(call.relay.tally.uplink.duplicated).toBeGreaterThan(0);
    expect(call.relay.tally.downlink.duplicated).toBeGreaterThan(0);
    expect([call.server.stats.malformed, call.client.stats.malformed]).toEqual([0, 0]);
    call.expectSaid([], []);
    call.end();
  });

  it('corrupted packets count as loss and reach nobody', async () => {
    const { call } = await measured({ uplink: { corrupt: 0.2 }, downlink: { corrupt: 0.1 } });

    expectLoss([call], 0.2, 0.1);
    expect(call.relay.tally.uplink.corrupted).toBeGreaterThan(0);
    expect(call.relay.tally.downlink.corrupted).toBeGreaterThan(0);
    expect([call.server.stats.malformed, call.client.stats.malformed]).toEqual([0, 0]);
    expect([...call.said.server, ...call.said.client].join()).not.toContain('dead');
    call.end();
  });

  it('a cut leaves no trace in RTT and loss', async () => {
    const call = await Call.begin(backend.router, FAST);

    await call.pings(20);

    const figures = new Figures(call);
    const cutAt = performance.now();

    call.relay.impair({ blackout: true });
    await call.both('dead');
    await lasting(1000);
    call.relay.impair({ blackout: false });

    const cutFor = performance.now() - cutAt;

    await call.both('alive');
    // A ping that left during the cut and was answered after it would show a part of the cut.
    await call.pings(WINDOW);
    expect(Math.max(...figures.rtts.server, ...figures.rtts.client)).toBeLessThan(cutFor / 4);
    figures.expectRtt();
    expectLoss([call], 0, 0);
    expect([call.server.stats.outages.count, call.client.stats.outages.count]).toEqual([1, 1]);
    expect(call.server.stats.late).toBe(0);
    call.end();
  });
});
