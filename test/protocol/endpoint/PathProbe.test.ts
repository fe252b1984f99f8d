import { decodeFrame, type Hello } from '@mediasoup-heartbeat/protocol';
import { describe, expect, it } from 'vitest';
import { PathProbe } from '../../../packages/protocol/src/endpoint/PathProbe.ts';
import { RttEstimator } from '../../../packages/protocol/src/figures/RttEstimator.ts';
import { SimulatedPair } from '../SimulatedPair.ts';

/** A transport whose counters the test sets, read every 500 ms. */
class Transport {
  readonly probe = new PathProbe();
  received = 100;
  path = 'pair';
  #now = 1000;

  /** Reads it so many times. Returns how often the path was heard. */
  read(times: number): number {
    let heard = 0;

    for (let i = 0; i < times; i++) {
      this.#now += 500;
      expect(this.probe.askAt).toBeLessThanOrEqual(this.#now);
      this.probe.ask(this.#now);
      expect(this.probe.poll()).toBe(true);
      expect(this.probe.poll()).toBe(false);
      expect(this.probe.askAt).toBe(Number.POSITIVE_INFINITY);
      heard += Number(
        this.probe.take({ received: this.received, path: this.path }, new RttEstimator(), this.#now),
      );
    }

    return heard;
  }
}

describe('PathProbe', () => {
  it('received bytes show that the path is alive', () => {
    const transport = new Transport();

    expect(transport.read(1)).toBe(0);
    expect(transport.probe.isAlive).toBe(false);
    transport.received++;
    expect(transport.read(1)).toBe(1);
    expect(transport.probe.isAlive).toBe(true);
  });

  it('goes on to compare after an answer, as a peer in doubt may fall silent again', () => {
    const transport = new Transport();

    transport.read(2);
    transport.probe.heard(2000);
    expect(transport.probe.isAlive).toBe(false);
    transport.received++;
    expect(transport.read(1)).toBe(1);
  });

  it('a pause between two connectivity checks does not make the path silent', () => {
    const transport = new Transport();

    expect(transport.read(6)).toBe(0);
    expect(transport.probe.isSilent).toBe(false);
    transport.received++;
    expect(transport.read(1)).toBe(1);
  });

  it('a pause that is longer than that makes the path silent until something comes', () => {
    const transport = new Transport();

    transport.read(7);
    expect(transport.probe.isSilent).toBe(true);
    transport.received++;
    transport.read(1);
    expect(transport.probe.isSilent).toBe(false);
  });

  it('a counter that starts anew counts as received bytes', () => {
    const transport = new Transport();

    transport.read(1);
    transport.received = 10;
    expect(transport.read(1)).toBe(1);
  });

  it('a change of the path in use shows nothing and ends no silence', () => {
    const transport = new Transport();

    transport.read(4);
    transport.path = 'other';
    transport.received++;
    expect(transport.read(4)).toBe(0);
    expect(transport.probe.isSilent).toBe(true);
  });

  it('a new path probe does not compare with older counters', () => {
    const transport = new Transport();

    transport.read(1);
    transport.probe.reset();
    transport.received++;
    expect(transport.read(1)).toBe(0);
    expect(transport.probe.isAlive).toBe(false);
  });

  it('counters that nobody asked for, or not any more, show nothing', () => {
    const transport = new Transport();

    transport.read(1);
    expect(transport.probe.take({ received: 200 }, new RttEstimator(), 5000)).toBe(false);
  });
});

describe('a client that probes the path to a hung server', () => {
  it('makes the server’s network stack answer each time, and says so if the path is silent', () => {
    const pair = new SimulatedPair().connect().run(20_000);
    const read = { times: 0, received: 0 };

    pair.countersOf.client = () => {
      read.times++;

      return { received: read.received };
    };
    pair.serverRuns = false;

    const { length: before } = pair.sentByClient;
    const hellos = () => pair.sentByClient.length - before;
    const until = (times: number) => {
      for (const deadline = pair.now + 60_000; read.times < times; pair.run(100)) {
        expect(pair.now).toBeLessThan(deadline);
      }
    };

    const silences = () =>
      pair.sentByClient.slice(before).map(bytes => (decodeFrame(bytes, 1) as Hello).silence !== undefined);

    // One of them leaves with the suspicion.
    until(6);
    expect(hellos()).toBe(7);
    expect(silences().slice(2)).toEqual(Array(5).fill(true));
    until(20);
    expect(hellos()).toBe(21);
    read.received++;
    until(23);
    expect(silences().slice(-2)).toEqual([false, false]);
  });
});
