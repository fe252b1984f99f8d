import { watchMediaFlow as watchOnClient } from '@mediasoup-heartbeat/client/media';
import { type MediaFlowWatch, watchMediaFlow } from '@mediasoup-heartbeat/server/media';
import type { types } from 'mediasoup';
import type { types as client } from 'mediasoup-client';
import { describe, expect, it, vi } from 'vitest';
import { createAudioTrack } from '../../examples/meeting/peers/webrtc.ts';
import { Call } from '../chaos/Call.ts';
import { useRouter } from '../chaos/useRouter.ts';
import { until } from '../harness/events.ts';
import { allowLog } from '../harness/mediasoupLog.ts';
import { overTheWire } from '../harness/overTheWire.ts';
import { createSilentTrack } from '../harness/peer.ts';
import { startRouter } from '../harness/server.ts';

vi.setConfig({ testTimeout: 60_000 });

const backend = useRouter();

/** A client that sends tracks, and the Producers of both sides. */
class Sending {
  readonly call: Call;
  readonly producers: types.Producer[] = [];
  readonly clients: client.Producer[] = [];

  private constructor(call: Call) {
    this.call = call;
    call.peer.on('produce', (parameters, callback, errback) => {
      call.transport.produce(overTheWire(parameters) as types.ProducerOptions).then(producer => {
        this.producers.push(producer);
        callback({ id: producer.id });
      }, errback);
    });
  }

  static async begin(router = backend.router): Promise<Sending> {
    return new Sending(
      await Call.begin(router, { direction: 'send', server: { interval: 100 }, client: {} }),
    );
  }

  async produce(track = createAudioTrack()): Promise<[types.Producer, client.Producer]> {
    const producer = await this.call.peer.produce({ track, stopTracks: true, disableTrackOnPause: false });

    this.clients.push(producer);

    return [this.producers.at(-1) as types.Producer, producer];
  }

  end(): void {
    this.call.end();
  }
}

const reaching = (watch: { flow: { state: string } } & Parameters<typeof until>[0], state: string) =>
  until(watch, 'change', () => watch.flow.state === state);

/** The states of a watch, from now on. On a busy machine a client may be suspect for a moment. */
function statesOf(watch: MediaFlowWatch, left = 'suspect'): string[] {
  const states: string[] = [];

  watch.on('change', ({ state }) => state !== left && state !== states.at(-1) && states.push(state));

  return states;
}

describe('the media of a Producer', () => {
  it('flows, is silent while the microphone sends nothing, and the client is alive all the time', async () => {
    const sending = await Sending.begin();
    const { call } = sending;
    const [producer, own] = await sending.produce();
    const watch = watchMediaFlow(producer, { heartbeat: call.server });
    const states = statesOf(watch);
    const onSilent = vi.fn();

    watch.on('silent', onSilent);
    await reaching(watch, 'flowing');
    await own.replaceTrack({ track: createSilentTrack() });
    await reaching(watch, 'silent');
    expect(watch.flow.streamSince).toBe(watch.flow.since);
    expect(onSilent).toHaveBeenCalledExactlyOnceWith(watch.flow);
    await own.replaceTrack({ track: createAudioTrack() });
    await reaching(watch, 'flowing');
    expect(states).toEqual(['flowing', 'silent', 'flowing']);
    expect(call.said.server.filter(said => said.startsWith('dead'))).toEqual([]);
    sending.end();
    expect(watch.closed).toBe(true);
  });

  it('flows although its track is disabled, because packets of silence are sent, and is silent below minBitrate', async () => {
    const sending = await Sending.begin();
    const track = createAudioTrack();
    const [producer] = await sending.produce(track);
    const any = watchMediaFlow(producer);
    const loud = watchMediaFlow(producer, { minBitrate: 35_000 });

    await Promise.all([reaching(any, 'flowing'), reaching(loud, 'flowing')]);
    track.enabled = false;
    await reaching(loud, 'silent');
    expect(any.flow.state).toBe('flowing');
    track.enabled = true;
    await reaching(loud, 'flowing');
    sending.end();
  });

  it('is paused at once, flows again after that, and ends with the Producer', async () => {
    const sending = await Sending.begin();
    const [producer] = await sending.produce();
    const watch = watchMediaFlow(producer, { heartbeat: sending.call.server });
    const onClose = vi.fn();

    watch.on('close', onClose);
    await reaching(watch, 'flowing');
    await producer.pause();
    expect(watch.flow.state).toBe('paused');
    await producer.resume();
    expect(watch.flow.state).toBe('unknown');
    await reaching(watch, 'flowing');
    producer.close();
    watch.close();
    expect(watch.closed).toBe(true);
    expect(onClose).toHaveBeenCalledOnce();
    expect(watch.flow.state).toBe('flowing');
    sending.end();
  });

  it('is suspect and dead with the client, whatever was seen to flow', async () => {
    const sending = await Sending.begin();
    const [producer] = await sending.produce();
    const watch = watchMediaFlow(producer, { heartbeat: sending.call.server });
    const states = statesOf(watch, 'silent');

    await reaching(watch, 'flowing');
    sending.call.relay.impair({ blackout: true });
    await reaching(watch, 'dead');
    expect(states.slice(-2)).toEqual(['suspect', 'dead']);
    sending.end();
  });

  it('is blocked if the client says that it sends, and nothing arrives but the pings', async () => {
    const sending = await Sending.begin();
    const { call } = sending;
    const [producer, own] = await sending.produce();
    const watch = watchMediaFlow(producer, { heartbeat: call.server });
    const far = watchOnClient(own, { heartbeat: call.client });
    const states = statesOf(watch);

    // The application's signalling.
    far.on('change', ({ stream }) => watch.hear(stream));
    await Promise.all([reaching(watch, 'flowing'), reaching(far, 'flowing')]);
    call.relay.impair({ blocksMedia: true }, 'uplink');
    await reaching(watch, 'blocked');
    expect(watch.flow.stream).toBe('silent');
    expect(far.flow.state).toBe('flowing');
    // Not so once it says that it is paused.
    own.pause();
    expect(watch.flow.state).not.toBe('blocked');
    own.resume();
    await reaching(watch, 'blocked');
    call.relay.impair({ blocksMedia: false });
    await reaching(watch, 'flowing');
    expect(states).toEqual(['flowing', 'silent', 'blocked', 'silent', 'blocked', 'flowing']);
    sending.end();
  });

  it('is blocked for the client alone if no receiver report comes, because media is blocked both ways', async () => {
    const sending = await Sending.begin();
    const [, own] = await sending.produce();
    const watch = watchOnClient(own, { heartbeat: sending.call.client });
    const onBlocked = vi.fn();

    watch.on('blocked', onBlocked);
    await reaching(watch, 'flowing');
    sending.call.relay.impair({ blocksMedia: true });
    await reaching(watch, 'blocked');
    sending.call.relay.impair({ blocksMedia: false });
    await reaching(watch, 'flowing');
    expect(onBlocked).toHaveBeenCalledOnce();
    sending.end();
  });

  it('ends with its Worker, if that dies, and leaves no promise rejected', async () => {
    const { worker, router } = await startRouter();
    const sending = await Sending.begin(router);
    const [producer] = await sending.produce();
    const watch = watchMediaFlow(producer, { heartbeat: sending.call.server, silentAfter: 500 });
    const ended = new Promise(resolve => watch.on('close', () => resolve(watch.closed)));
    const onRejection = vi.fn();

    process.on('unhandledRejection', onRejection);
    await reaching(watch, 'flowing');
    allowLog(/worker process died unexpectedly|write EPIPE|read ECONNRESET/, 'the test kills it');
    process.kill(worker.pid, 'SIGKILL');
    expect(await ended).toBe(true);
    await new Promise(setImmediate);
    expect(onRejection).not.toHaveBeenCalled();
    process.off('unhandledRejection', onRejection);
    sending.call.peer.close();
    sending.call.relay.close();
    sending.call.device.close();
  });
});

describe('the poll', () => {
  it('reads each Producer of a transport once a round, however many watch, and none that is paused', async () => {
    const sending = await Sending.begin();
    const watches: MediaFlowWatch[] = [];
    const options = { heartbeat: sending.call.server };
    const reads: string[] = [];

    for (let index = 0; index < 5; index++) {
      const [producer] = await sending.produce();
      const getStats = producer.getStats.bind(producer);

      producer.getStats = () => {
        reads.push(producer.id);

        return getStats();
      };
      watches.push(watchMediaFlow(producer, options), watchMediaFlow(producer, options));
    }

    const [, , , , , , , , last] = watches as [...MediaFlowWatch[]];

    await last?.stream.pause();
    await Promise.all(watches.slice(0, 8).map(watch => reaching(watch, 'flowing')));
    reads.length = 0;

    // Each read of the first one begins a round.
    const [first, ...others] = sending.producers.slice(0, 4).map(({ id }) => id);

    await vi.waitFor(() => expect(reads.filter(id => id === first).length).toBe(5), 30_000);
    expect(reads.slice(0, 16)).toEqual(Array.from({ length: 4 }, () => [first, ...others]).flat());

    for (const watch of watches) {
      watch.close();
    }

    const { length } = reads;

    await sending.call.pings(20);
    expect(reads.length).toBe(length);
    sending.end();
  });
});

describe('the media of a Consumer', () => {
  it('flows, is paused with its Producer, and is blocked if the client says that nothing arrives', async () => {
    const sending = await Sending.begin();
    const [producer] = await sending.produce();
    const call = await Call.begin(backend.router, { server: { interval: 100 } });
    const consumer = await call.transport.consume({
      producerId: producer.id,
      rtpCapabilities: backend.router.rtpCapabilities,
    });
    const { id, kind, rtpParameters } = consumer;
    const own = await call.peer.consume(
      overTheWire({ id, producerId: producer.id, kind, rtpParameters }) as client.ConsumerOptions,
    );
    const watch = watchMediaFlow(consumer, { heartbeat: call.server });
    const far = watchOnClient(own, { heartbeat: call.client });

    far.on('change', ({ stream }) => watch.hear(stream));
    watch.on('change', ({ stream }) => far.hear(stream));
    await Promise.all([reaching(watch, 'flowing'), reaching(far, 'flowing')]);
    call.relay.impair({ blocksMedia: true }, 'downlink');
    // Each side says it in its own way: what is sent does not arrive, and what should arrive is sent.
    await Promise.all([reaching(watch, 'blocked'), reaching(far, 'blocked')]);
    expect([watch.flow.stream, far.flow.stream]).toEqual(['flowing', 'silent']);
    call.relay.impair({ blocksMedia: false });
    await Promise.all([reaching(watch, 'flowing'), reaching(far, 'flowing')]);
    await producer.pause();
    await reaching(watch, 'paused');
    await producer.resume();
    await reaching(watch, 'flowing');
    await consumer.pause();
    expect(watch.flow.state).toBe('paused');
    call.end();
    expect([watch.closed, far.closed]).toEqual([true, true]);
    sending.end();
  });
});

describe('input', () => {
  it('of the far side is ignored unless it is the state of a stream', async () => {
    const sending = await Sending.begin();
    const [producer, own] = await sending.produce();

    for (const watch of [watchMediaFlow(producer), watchOnClient(own)]) {
      for (const bad of [
        undefined,
        null,
        {},
        ['flowing'],
        'blocked',
        'x'.repeat(1e6),
        1,
        Symbol('flowing'),
      ]) {
        expect(watch.hear(bad)).toBe(false);
      }

      expect(watch.hear('flowing')).toBe(true);
      watch.close();
    }

    sending.end();
  });

  it('that is no stream, no heartbeat, or a wrong option is refused on both sides', async () => {
    const sending = await Sending.begin();
    const { call } = sending;
    const [producer, own] = await sending.produce();
    const direct = await backend.router.createDirectTransport();
    const data = await direct.produceData();

    for (const [watch, stream] of [
      [watchMediaFlow, producer],
      [watchOnClient, own],
    ] as [typeof watchMediaFlow, types.Producer][]) {
      expect(() => watch(undefined as never)).toThrow(
        'stream must be an open Producer or Consumer, got undefined',
      );
      expect(() => watch({} as never)).toThrow(TypeError);
      expect(() => watch(data as never)).toThrow('stream must be an open Producer or Consumer');
      expect(() => watch(stream, null as never)).toThrow('options must be an object, got null');
      expect(() => watch(stream, { silentAfter: 1 })).toThrow(
        'silentAfter must be a number from 500 to 60000',
      );
      expect(() => watch(stream, { interval: 1 } as never)).toThrow(
        'unknown option interval; known are silentAfter, minBitrate, heartbeat',
      );
      expect(() => watch(stream, { heartbeat: {} as never })).toThrow('watchMediaFlow(): heartbeat must be');
    }

    const { server } = call;

    server.close();
    expect(() => watchMediaFlow(producer, { heartbeat: server })).toThrow('and open');
    direct.close();
    producer.close();
    own.close();
    expect(() => watchMediaFlow(producer)).toThrow('must be an open Producer');
    expect(() => watchOnClient(own)).toThrow('must be an open Producer');
    sending.end();
  });
});
