import { describe, expect, test } from 'vitest';
import { SimulatedPair } from '../SimulatedPair.ts';

/** Congestion explains a silence for this long, in ms: see PathProbe. */
const CONGESTED_MOST = 60_000;

/** The application's data moves this fast, in bytes per ms: 2 Mbit/s. */
const RATE = 250;

/** A well-known pair in the middle of a bulk transfer, one side of which falls silent, though its network stack goes on. */
class Transfer {
  readonly pair = new SimulatedPair();
  readonly #judging: 'server' | 'client';
  /** Whether the network stack of the silent side is still heard, and data moves. */
  moves = true;

  constructor(judging: 'server' | 'client') {
    const { pair } = this;

    this.#judging = judging;
    pair.countersOf[judging] = () => {
      const moved = this.moves ? pair.now : 0;

      return { received: moved, data: RATE * moved };
    };
    pair.connect().run(30_000);
    // The queue that the transfer fills.
    pair.downlink.delay = () => 300;
    pair.uplink.delay = () => 300;
    pair.run(20_000);

    if (judging === 'server') {
      pair.clientRuns = false;
    } else {
      pair.serverRuns = false;
    }
  }

  get state(): string {
    return this.#judging === 'server' ? this.pair.serverSide.state : this.pair.clientSide.state;
  }
}

describe.each(['server', 'client'] as const)('%s', judging => {
  test(`the ${judging} suspects nobody for a silence that congestion explains`, () => {
    const transfer = new Transfer(judging);

    transfer.pair.run(CONGESTED_MOST - 1000);
    expect(transfer.state).toBe('alive');
  });

  test(`the ${judging} suspects a peer that stays silent through more than a minute of congestion`, () => {
    const transfer = new Transfer(judging);

    transfer.pair.run(CONGESTED_MOST + 3000);
    expect(transfer.state).toBe('suspect');
  });

  test(`the ${judging} finds a peer dead within 10 s whose path falls silent in the middle of a transfer`, () => {
    const transfer = new Transfer(judging);

    transfer.pair.run(5000);
    transfer.moves = false;
    transfer.pair.run(10_000);
    expect(transfer.state).toBe('dead');
  });
});

test('the server pings a congested association at the regular interval only', () => {
  const { pair } = new Transfer('server');

  pair.run(5000);

  const before = pair.serverSide.stats(pair.now).sent;

  pair.run(10_000);
  expect(pair.serverSide.stats(pair.now).sent - before).toBe(10);
});
