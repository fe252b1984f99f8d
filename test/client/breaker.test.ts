import { EventEmitter, type TransportHeartbeat } from '@mediasoup-heartbeat/client';
import { watchCircuit } from '@mediasoup-heartbeat/client/breaker';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

// On a simulated clock, with the statistics of a stream that the test sets: libwebrtc for Node has none for a Producer. What real Chromium
// says stands in test/e2e/producerReader.test.ts.

beforeAll(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterAll(() => vi.useRealTimers());

/** A Producer of 1 Mbit/s, and the heartbeat of its transport. */
class Stream {
  readonly observer = new EventEmitter<{ close: [] }>();
  readonly kind = 'video';
  closed = false;
  loss = 0;
  isReported = true;
  isPaused = false;
  #sums = { packetsSent: 0, bytesSent: 0, packetsLost: 0, timestamp: 0 };
  readonly heartbeat = {
    state: 'alive',
    closed: false,
    stats: { loss: { uplink: 0 } },
    observer: new EventEmitter<{ close: []; recovered: [] }>(),
  };

  async getStats() {
    const packets = this.isPaused ? 0 : 100;

    this.#sums.packetsSent += packets;
    this.#sums.bytesSent += 1250 * packets;
    this.#sums.packetsLost += packets * this.loss;
    this.#sums.timestamp += this.isReported ? 1000 : 0;

    return new Map([
      ['o', { id: 'o', type: 'outbound-rtp', ...this.#sums }],
      ['r', { id: 'r', type: 'remote-inbound-rtp', roundTripTime: 0.05, ...this.#sums }],
    ]);
  }

  watch() {
    return watchCircuit(this as never, this.heartbeat as unknown as TransportHeartbeat);
  }
}

let stream: Stream;

beforeEach(() => {
  stream = new Stream();
});

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(1000 * seconds);

describe('the breaker of a Producer', () => {
  it('opens if no report has come for 15 s, although packets are sent', async () => {
    const watch = stream.watch();

    await pass(30);
    expect(watch).toMatchObject({ state: 'closed', advice: 'none', closed: false });
    stream.isReported = false;
    await pass(13);
    expect(watch.state).toBe('closed');
    await pass(4);
    expect(watch).toMatchObject({ state: 'open', advice: 'stop' });
    watch.close();
  });

  it('opens while a lot is lost, and tries again while the pings of the heartbeat get through', async () => {
    const watch = stream.watch();
    const told: string[] = [];

    for (const event of ['open', 'halfopen', 'closed'] as const) {
      watch.on(event, ({ rule, advice, evidence }) => told.push(`${event}: ${rule}, ${advice}, ${evidence}`));
    }

    stream.loss = 0.5;
    stream.heartbeat.stats.loss.uplink = 0.5;
    await pass(10);
    expect(watch.advice).toBe('audio-only');
    // What the application does with that advice.
    stream.isPaused = true;
    stream.loss = 0;
    await pass(60);
    expect(watch.state).toBe('open');
    stream.heartbeat.stats.loss.uplink = 0.01;
    await pass(10);
    expect(watch.state).toBe('half-open');
    stream.isPaused = false;
    await pass(10);
    expect(told).toEqual([
      'open: congestion, reduce, undefined',
      'halfopen: congestion, none, path-well',
      'closed: undefined, none, undefined',
    ]);
    watch.close();
  });

  it('tries again if the transport has recovered', async () => {
    const watch = stream.watch();

    stream.loss = 0.5;
    stream.heartbeat.state = 'suspect';
    await pass(10);
    stream.isPaused = true;
    await pass(10);
    expect(watch.state).toBe('open');
    stream.heartbeat.observer.emit('recovered');
    expect(watch).toMatchObject({ state: 'half-open', advice: 'none' });
    watch.close();
  });

  it('reads nothing and tells nothing once it has ended: with its Producer, its heartbeat, or by close()', async () => {
    for (const end of [
      () => stream.observer.emit('close'),
      () => stream.heartbeat.observer.emit('close'),
      (watch: { close(): void }) => watch.close(),
    ]) {
      stream = new Stream();

      const watch = stream.watch();
      const read = vi.spyOn(stream, 'getStats');
      const onClose = vi.fn();

      watch.on('close', onClose);
      stream.loss = 0.5;
      await pass(1);
      end(watch);
      read.mockClear();
      await pass(60);
      expect(onClose).toHaveBeenCalledOnce();
      expect(watch).toMatchObject({ state: 'closed', closed: true });
      expect(read).not.toHaveBeenCalled();
      expect(stream.observer.listenerCount('close')).toBe(0);
      expect(stream.heartbeat.observer.listenerCount('recovered')).toBe(0);
    }
  });

  it('refuses what is no Producer, and what is no heartbeat', () => {
    expect(() => watchCircuit({} as never, stream.heartbeat as never)).toThrow(
      'producer must be an open Producer',
    );
    expect(() => watchCircuit(stream as never, undefined as never)).toThrow(
      'heartbeat must be the heartbeat of its transport, and open, got undefined',
    );
  });
});
