import type { Stats } from '@mediasoup-heartbeat/protocol';
import { describe, expect, it } from 'vitest';
import { SimulatedPair } from './SimulatedPair.ts';

const MINUTE = 60_000;

/** Both sides, 2 ms apart. */
function pairOf2ms(): SimulatedPair {
  const pair = new SimulatedPair();

  open(pair, 'downlink', 'uplink');

  return pair.connect();
}

function open(pair: SimulatedPair, ...directions: ('downlink' | 'uplink')[]): void {
  for (const direction of directions) {
    pair[direction].delay = () => 1;
  }
}

function close(pair: SimulatedPair, ...directions: ('downlink' | 'uplink')[]): void {
  for (const direction of directions) {
    pair[direction].delay = () => undefined;
  }
}

/** Loses each frame with that probability, the same ones each time. */
function lossOf(probability: number, seed: number): () => number | undefined {
  let state = seed;

  return () => {
    state = (state * 48_271) % 2_147_483_647;

    return state / 2_147_483_647 < probability ? undefined : 1;
  };
}

/** Nothing passes for so long, then everything, again and again. Times in ms. */
function burstsOf(lost: number, passed: number, pair: SimulatedPair): () => number | undefined {
  return () => (pair.now % (lost + passed) < lost ? undefined : 1);
}

function statsOf(pair: SimulatedPair): { server: Stats; client: Stats } {
  return { server: pair.serverSide.stats(pair.now), client: pair.clientSide.stats(pair.now) };
}

/** The mean figures of both sides over so many windows that have nothing in common. */
function meanLoss(pair: SimulatedPair, windows: number) {
  const mean = { server: { downlink: 0, uplink: 0, round: 0 }, client: { downlink: 0, uplink: 0, round: 0 } };

  for (let window = 0; window < windows; window++) {
    pair.run(2 * MINUTE + 10_000);

    for (const side of ['server', 'client'] as const) {
      const { loss } = statsOf(pair)[side];

      for (const figure of ['downlink', 'uplink', 'round'] as const) {
        mean[side][figure] += (loss[figure] ?? Number.NaN) / windows;
      }
    }
  }

  return mean;
}

describe('an outage', () => {
  const NONE = { downlink: 0, uplink: 0, round: 0 };

  it.each([
    ['in both directions', ['downlink', 'uplink'], 'unknown', 'unknown'],
    ['on the downlink', ['downlink'], 'unknown', 'unknown'],
    ['on the uplink', ['uplink'], 'uplink', 'uplink'],
  ] as const)(
    '[HB-LOSS-5] an outage of 10 s on a link of 2 ms is one outage and no loss, 3 s and 94 s later: %s',
    (_, directions, byServer, byClient) => {
      const pair = pairOf2ms().run(2 * MINUTE);
      const cutAt = pair.now;

      close(pair, ...directions);
      pair.run(10_000);
      open(pair, ...directions);

      for (const later of [3000, 91_000]) {
        pair.run(later);

        const { server, client } = statsOf(pair);

        for (const [stats, direction] of [
          [server, byServer],
          [client, byClient],
        ] as const) {
          expect(stats.loss).toMatchObject(NONE);
          expect(stats.loss.window).toBeGreaterThan(90);
          expect(stats.loss.window).toBeLessThanOrEqual(121);
          expect(stats.outages).toMatchObject({ count: 1, last: { direction } });
          // To within an interval at either end.
          expect(Math.abs((stats.outages.last?.at ?? 0) - cutAt)).toBeLessThanOrEqual(1000);
          expect(Math.abs(stats.outages.total - 10_000)).toBeLessThanOrEqual(1000);
          expect(stats.outages.longest).toBe(stats.outages.total);
        }
      }
    },
  );

  it('[HB-LOSS-5] an outage shows while it goes on, and is one outage however long it lasts', () => {
    const pair = pairOf2ms().run(10_000);

    close(pair, 'downlink', 'uplink');
    pair.run(5000);
    expect(statsOf(pair).server).toMatchObject({ loss: NONE, outages: { count: 1 } });
    expect(Math.abs(statsOf(pair).server.outages.total - 5000)).toBeLessThanOrEqual(1000);
    pair.run(10 * MINUTE);
    expect(statsOf(pair).server.outages.count).toBe(1);
    expect(pair.server.outages).toEqual([]);
    // Nothing is known of the last two minutes.
    expect(statsOf(pair).server.loss).toMatchObject({
      downlink: undefined,
      round: undefined,
      window: 0,
    });
    open(pair, 'downlink', 'uplink');
    pair.run(10_000);

    for (const side of ['server', 'client'] as const) {
      const { outages } = statsOf(pair)[side];

      expect(outages.count).toBe(1);
      expect(Math.abs(outages.total - 605_000)).toBeLessThanOrEqual(1500);
      expect(pair[side].outages).toEqual([outages.last]);
    }
  });

  it('[HB-LOSS-5] an outage on a poor link leaves the loss of the link as it was', () => {
    const pair = pairOf2ms();

    pair.downlink.delay = lossOf(0.2, 7);
    pair.run(20 * MINUTE);

    const before = statsOf(pair);

    expect([before.server.outages.count, before.client.outages.count]).toEqual([0, 0]);
    close(pair, 'downlink', 'uplink');
    pair.run(10_000);
    open(pair, 'uplink');
    pair.downlink.delay = lossOf(0.2, 8);
    pair.run(5000);

    for (const side of ['server', 'client'] as const) {
      const { loss, outages } = statsOf(pair)[side];

      expect(outages.count).toBe(1);
      expect(Math.abs((loss.downlink ?? 0) - (before[side].loss.downlink ?? 0))).toBeLessThan(0.04);
    }
  });

  it('a page that hangs for 10 s and answers late is no outage and no loss', () => {
    const pair = pairOf2ms().run(MINUTE);
    const held: Uint8Array[] = [];

    // What comes meanwhile waits, as it does in a page.
    const handleFrame = pair.clientSide.handleFrame.bind(pair.clientSide);

    pair.clientSide.handleFrame = bytes => void held.push(bytes);
    pair.run(10_000);
    pair.clientSide.handleFrame = handleFrame;

    for (const bytes of held) {
      pair.tellClient(bytes);
    }

    pair.run(5000);
    expect(statsOf(pair).server).toMatchObject({ lost: 0, loss: NONE, outages: { count: 0 } });
  });
});

describe('loss', () => {
  it.each([
    [0, 0],
    [0.05, 0],
    [0, 0.05],
    [0.05, 0.05],
    [0.3, 0],
    [0, 0.3],
    [0.3, 0.3],
  ])(
    '[HB-LOSS-1] [HB-LOSS-4] random loss, %d on the downlink and %d on the uplink, is measured right by both sides',
    (downlink, uplink) => {
      const pair = pairOf2ms();

      pair.downlink.delay = lossOf(downlink, 1);
      pair.uplink.delay = lossOf(uplink, 2);

      const mean = meanLoss(pair, 200);
      const round = 1 - (1 - downlink) * (1 - uplink);

      for (const side of ['server', 'client'] as const) {
        // Four standard errors of so many pings, and a share of what the client has to guess.
        const near = (p: number) =>
          0.002 + 4 * Math.sqrt((p * (1 - p)) / (200 * 100)) + (side === 'client' ? p / 10 : 0);

        expect(Math.abs(mean[side].downlink - downlink), `${side} down`).toBeLessThanOrEqual(near(downlink));
        expect(Math.abs(mean[side].uplink - uplink), `${side} up`).toBeLessThanOrEqual(near(uplink));
        expect(Math.abs(mean[side].round - round), `${side} round`).toBeLessThanOrEqual(near(round));
      }
    },
  );

  it('[HB-LOSS-1] loss in bursts is the share of time that the bursts take, though most pings leave in them', () => {
    const pair = pairOf2ms();

    // 700 of 10,700 ms, which the regular pings meet at any moment.
    pair.downlink.delay = burstsOf(700, 10_037, pair);

    const { server, client } = meanLoss(pair, 100);
    const share = 700 / 10_737;

    expect(Math.abs((server.downlink ?? 0) - share)).toBeLessThan(0.01);
    expect(Math.abs((client.downlink ?? 0) - share)).toBeLessThan(0.015);
    expect([server.uplink, client.uplink]).toEqual([0, 0]);
  });

  it('loss is that of the last two minutes', () => {
    const pair = pairOf2ms();

    pair.uplink.delay = lossOf(0.3, 3);
    pair.run(10 * MINUTE);
    pair.uplink.delay = () => 1;
    pair.run(2 * MINUTE + 10_000);

    for (const { loss } of Object.values(statsOf(pair))) {
      expect(loss).toMatchObject({ downlink: 0, uplink: 0, round: 0 });
      expect(loss.window).toBeGreaterThan(100);
    }
  });

  it('[HB-HELLO-4] pings that left before another client side came do not count as lost', () => {
    const pair = pairOf2ms().run(MINUTE);

    // The one before is gone without a word, with three pings on their way.
    close(pair, 'downlink');
    pair.run(3000);
    open(pair, 'downlink');

    pair.replaceClient(43);
    pair.run(MINUTE);
    expect(statsOf(pair).server).toMatchObject({ loss: { downlink: 0, round: 0 }, outages: { count: 0 } });
    expect(statsOf(pair).client).toMatchObject({ loss: { downlink: 0, uplink: 0 } });
  });
});
