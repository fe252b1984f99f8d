import type { types } from 'mediasoup-client';
import { expect, test } from 'vitest';
import { PathWatch } from '../../packages/client/src/PathWatch.ts';

/** A connection whose figures the test sets, asked every 500 ms of a time of its own. */
class Connection {
  readonly opinions: boolean[] = [];
  figures = { bytesReceived: 100, requestsReceived: 0, responsesReceived: 5 };
  /** Another pair of candidates, and what tells which of the two is in use. */
  other: Record<string, unknown> = { bytesReceived: 0 };
  inUse: Record<string, unknown> = {};
  transport: Record<string, unknown> = {};
  #time = 1000;
  knocks = 0;
  readonly #watch = new PathWatch(this as unknown as types.Transport, {
    knock: () => this.knocks++,
    tell: alive => {
      if (alive !== undefined) {
        this.opinions.push(alive);
      }
    },
  });

  async getStats(): Promise<Map<string, object>> {
    return new Map<string, object>([
      ['pair', { id: 'pair', type: 'candidate-pair', ...this.figures, ...this.inUse }],
      ['other', { id: 'other', type: 'candidate-pair', ...this.other }],
      ['transport', { type: 'transport', bytesReceived: this.#time, ...this.transport }],
    ]);
  }

  async ask(times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      this.#time += 500;
      expect(this.#watch.askAt).toBeLessThanOrEqual(this.#time);
      this.#watch.ask(this.#time);
      expect(this.#watch.askAt).toBe(Number.POSITIVE_INFINITY);
      await Promise.resolve();
      await Promise.resolve();
    }
  }

  reset(): void {
    this.#watch.reset();
  }
}

test('received bytes show that the path is alive', async () => {
  const connection = new Connection();

  await connection.ask(1);
  connection.figures.bytesReceived++;
  await connection.ask(1);
  connection.figures.responsesReceived++;
  await connection.ask(1);
  expect(connection.opinions).toEqual([true, true]);
});

test('a pause between two connectivity checks does not make the path silent', async () => {
  const connection = new Connection();

  await connection.ask(6);
  expect(connection.opinions).toEqual([]);
  connection.figures.responsesReceived++;
  await connection.ask(1);
  expect(connection.opinions).toEqual([true]);
});

test('a pause that is longer than that makes the path silent', async () => {
  const connection = new Connection();

  await connection.ask(8);
  expect(connection.opinions).toEqual([false, false]);
});

test('a counter that starts anew counts as received bytes', async () => {
  const connection = new Connection();

  await connection.ask(1);
  connection.figures.bytesReceived = 10;
  await connection.ask(1);
  expect(connection.opinions).toEqual([true]);
});

test('any candidate pair shows that the path is alive if the pair in use is unknown', async () => {
  const connection = new Connection();

  await connection.ask(1);
  connection.other.bytesReceived = 1;
  await connection.ask(1);
  expect(connection.opinions).toEqual([true]);
});

test.each([
  ['the transport names it', { transport: { selectedCandidatePairId: 'pair' } }],
  ['it is called selected', { inUse: { selected: true, nominated: true } }],
  ['it was nominated', { inUse: { nominated: true, state: 'succeeded' } }],
])('only the pair in use shows that the path is alive if %s', async (_, known) => {
  const connection = Object.assign(new Connection(), known);

  for (let second = 0; second < 4; second++) {
    await connection.ask(2);
    connection.other.requestsReceived = second;
  }

  expect(connection.opinions).toEqual([false, false]);
  connection.figures.requestsReceived++;
  await connection.ask(1);
  expect(connection.opinions).toEqual([false, false, true]);
});

test('a change of the pair in use shows nothing and ends no silence', async () => {
  const connection = new Connection();

  connection.transport = { selectedCandidatePairId: 'pair' };
  await connection.ask(4);
  connection.transport = {};
  await connection.ask(4);
  expect(connection.opinions).toEqual([false, false]);
});

test('a new path probe does not compare with older figures', async () => {
  const connection = new Connection();

  await connection.ask(1);
  connection.reset();
  connection.figures.bytesReceived++;
  await connection.ask(1);
  expect(connection.opinions).toEqual([]);
});

test('a path probe makes the server answer unless the path is silent', async () => {
  const connection = new Connection();

  await connection.ask(6);
  expect(connection.knocks).toBe(6);
  // From the seventh answer on it is known to be silent.
  await connection.ask(10);
  expect(connection.knocks).toBe(6);
  connection.figures.responsesReceived++;
  await connection.ask(2);
  expect(connection.knocks).toBe(8);
});
