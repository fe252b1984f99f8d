import { type CircuitWatch, watchCircuit } from '@mediasoup-heartbeat/server/breaker';
import type { types } from 'mediasoup';
import type { types as client } from 'mediasoup-client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Call } from '../chaos/Call.ts';
import { useRouter } from '../chaos/useRouter.ts';
import { until } from '../harness/events.ts';
import { overTheWire } from '../harness/overTheWire.ts';
import { RtpSource } from '../harness/RtpSource.ts';

vi.setConfig({ testTimeout: 120_000 });

const backend = useRouter();
const open: { close(): void }[] = [];

afterEach(() => {
  for (const one of open.splice(0)) {
    one.close();
  }
});

/** A client that receives a video. */
async function receiving(): Promise<{ call: Call; consumer: types.Consumer }> {
  const call = await Call.begin(backend.router, { server: { interval: 100 } });
  const source = await RtpSource.start(backend.router);
  const { producer } = source;
  const consumer = await call.transport.consume({
    producerId: producer.id,
    rtpCapabilities: backend.router.rtpCapabilities,
  });
  const { id, kind, rtpParameters } = consumer;

  await call.peer.consume(
    overTheWire({ id, producerId: producer.id, kind, rtpParameters }) as client.ConsumerOptions,
  );
  open.push(source);

  return { call, consumer };
}

const advised = async (watch: CircuitWatch, ...advice: string[]) =>
  until(watch, 'change', () => advice.includes(watch.advice));

describe('the breaker of a Consumer', () => {
  it('opens while a third of the media is lost, and tries again and closes on a new path that is well', async () => {
    const { call, consumer } = await receiving();
    const watch = watchCircuit(consumer, call.server);
    const told: string[] = [];

    watch.on('open', ({ rule, advice, figures }) => {
      told.push(`open: ${rule}, ${advice}`);
      expect(figures.loss).toBeGreaterThan(0.1);
      expect(figures.rate).toBeGreaterThan(0);
    });
    watch.on('halfopen', ({ advice, evidence }) => told.push(`halfopen: ${evidence}, ${advice}`));
    watch.on('closed', ({ advice }) => told.push(`closed: ${advice}`));
    call.relay.impair({ loss: 0.35 }, 'downlink');
    await advised(watch, 'audio-only');
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(/^open: (usability|congestion), reduce$/);
    // What the application does with that advice.
    await consumer.pause();
    call.relay.impair({ loss: 0 }, 'downlink');
    expect(watch.state).toBe('open');
    call.relay.changeAddress();
    await until(watch, 'halfopen', () => watch.state === 'half-open');
    await consumer.resume();
    await until(watch, 'closed', () => watch.state === 'closed');
    expect(told.slice(1)).toEqual(['halfopen: new-path, none', 'closed: none']);
    call.end();
  });

  it('stays closed while media gets through', async () => {
    const { call, consumer } = await receiving();
    const watch = watchCircuit(consumer, call.server, { reportInterval: 500 });
    const onChange = vi.fn();

    watch.on('change', onChange);
    await until(call.server, 'sample', () => call.server.stats.received > 60);
    expect(
      (await consumer.getStats()).find(({ type }) => type === 'outbound-rtp')?.roundTripTime,
    ).toBeGreaterThan(0);
    expect(onChange).not.toHaveBeenCalled();
    expect(watch).toMatchObject({ state: 'closed', advice: 'none', closed: false });
    call.end();
  });

  it('ends with its Consumer, with the heartbeat, or by close(), and leaves no listener', async () => {
    const { call, consumer } = await receiving();
    const watches = [watchCircuit(consumer, call.server), watchCircuit(consumer, call.server)];
    const [first, second] = watches as [CircuitWatch, CircuitWatch];
    const onClose = vi.fn();

    first.on('close', onClose);
    first.close();
    first.close();
    expect(onClose).toHaveBeenCalledTimes(1);
    consumer.close();
    expect(second.closed).toBe(true);

    const other = await receiving();
    const third = watchCircuit(other.consumer, other.call.server);

    other.call.server.close();
    expect(third.closed).toBe(true);
    // expectReleased() looks for listeners that are left.
    call.end();
    other.call.end();
  });

  it('refuses what is no Consumer, no heartbeat, and wrong options', async () => {
    const { call, consumer } = await receiving();

    expect(() => watchCircuit({} as never, call.server)).toThrow('consumer must be an open Consumer');
    expect(() => watchCircuit(consumer, undefined as never)).toThrow(
      'heartbeat must be what attachHeartbeat() returns',
    );
    expect(() => watchCircuit(consumer, call.server, { reportInterval: 1 })).toThrow(
      'reportInterval must be a number from 500 to 60000, got 1',
    );
    expect(() => watchCircuit(consumer, call.server, { kind: 'audio' } as never)).toThrow(
      'unknown option kind',
    );
    consumer.close();
    expect(() => watchCircuit(consumer, call.server)).toThrow(TypeError);
    call.end();
  });
});
