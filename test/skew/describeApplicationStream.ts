import { attachHeartbeat, type Heartbeat, type HeartbeatOptions } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until, untilState } from '../harness/events.ts';
import { createDevice, createSilentTrack } from '../harness/peer.ts';
import { RawClient } from '../harness/RawClient.ts';
import { createTransport, startRouter } from '../harness/server.ts';
import { WirePeer } from '../harness/WirePeer.ts';

/** An application whose client sends on SCTP stream 0, and whose server sends on the stream that it gets. */
type Call = {
  transport: types.WebRtcTransport;
  client: RawClient;
  heartbeat: Heartbeat;
  /** The stream on which the server sends. */
  downId: number | undefined;
  /** Sends a message each way. */
  exchange(): Promise<void>;
  close(): void;
};

/** What happens to a stream that no client has accepted, on the mediasoup that the calling file substitutes. */
export function describeApplicationStream(): void {
  let worker: types.Worker;
  let router: types.Router;

  beforeAll(async () => {
    ({ worker, router } = await startRouter());
  });
  afterAll(() => worker.close());

  async function call(
    attach: 'at first' | 'connected' | 'in use',
    { acceptance, ...options }: HeartbeatOptions & { acceptance?: unknown } = {},
  ): Promise<Call> {
    const transport = await createTransport(router);
    const direct = await router.createDirectTransport();
    const early = attach === 'at first' ? await attachHeartbeat(transport, options) : undefined;
    const client = new RawClient({ transport, streamId: 0, acceptance });

    await client.connect();
    await until(transport.observer, 'sctpstatechange', () => transport.sctpState === 'connected');

    const late = attach === 'connected' ? await attachHeartbeat(transport, options) : undefined;
    const up = await transport.produceData({ sctpStreamParameters: { streamId: 0 } });
    const source = await direct.produceData();
    const arrivals = await direct.consumeData({ dataProducerId: up.id });
    const down = await transport.consumeData({ dataProducerId: source.id });

    const downId = down.sctpStreamParameters?.streamId as number;
    const receiver =
      downId === 0 ? client.channel : client.pc.createDataChannel('', { negotiated: true, id: downId });

    if (receiver.readyState !== 'open') {
      await new Promise(resolve => receiver.addEventListener('open', resolve));
    }

    const heartbeat = early ?? late ?? (await attachHeartbeat(transport, options));

    return {
      transport,
      client,
      heartbeat,
      downId,
      exchange: async () => {
        const arrived = new Promise(resolve => arrivals.once('message', resolve));
        const received = new Promise(resolve =>
          receiver.addEventListener('message', resolve, { once: true }),
        );

        client.channel.send('up');
        source.send('down');
        await Promise.all([arrived, received]);
      },
      close: () => {
        transport.close();
        direct.close();
        client.close();
      },
    };
  }

  describe.each([
    ['is attached before the client connects', 'at first', {}],
    ['is attached to a connected transport', 'connected', {}],
    ['is attached to a transport with data channels', 'in use', {}],
    ['has closeOnDead', 'at first', { closeOnDead: true }],
    ['speaks no version of the client', 'at first', { acceptance: { version: 2 } }],
    ['waits for accept() in vain', 'at first', { advertise: false, vouch: false }],
  ] as const)('a heartbeat that %s', (_, attach, options) => {
    it('leaves the stream of an application without the client side alone, even when it is closed', async () => {
      const { transport, client, heartbeat, downId, exchange, close } = await call(attach, options);

      // The application's streams are those that it has without the heartbeat, as soon as no acceptance can come any more.
      expect(downId).toBe('vouch' in options ? 1 : 0);
      await exchange();
      heartbeat.close();
      await transport.dump();
      await exchange();
      // Whatever it would have been told by then.
      await exchange();
      expect(client.channel.readyState).toBe('open');
      expect(transport.closed).toBe(false);
      close();
    });
  });

  it('a stream that the heartbeat took before the application is not reset', async () => {
    const transport = await createTransport(router);
    const direct = await router.createDirectTransport();
    const source = await direct.produceData();
    const heartbeat = await attachHeartbeat(transport);
    const down = await transport.consumeData({ dataProducerId: source.id });

    // The heartbeat's id has gone to the client already.
    expect(down.sctpStreamParameters?.streamId).toBe(1);

    const client = new RawClient({ transport, streamId: 0 });

    await client.connect();

    const up = await transport.produceData({ sctpStreamParameters: { streamId: 0 } });
    const arrivals = await direct.consumeData({ dataProducerId: up.id });
    const arrived = new Promise(resolve => arrivals.once('message', resolve));

    heartbeat.close();
    await transport.dump();
    client.channel.send('up');
    await arrived;
    client.channel.send('up');
    await new Promise(resolve => arrivals.once('message', resolve));
    expect(client.channel.readyState).toBe('open');
    transport.close();
    direct.close();
    client.close();
  });

  it('a heartbeat takes over the stream that an earlier one left on the transport', async () => {
    const transport = await createTransport(router);
    const direct = await router.createDirectTransport();
    const source = await direct.produceData();
    const first = await attachHeartbeat(transport);

    await transport.consumeData({ dataProducerId: source.id });
    first.close();

    const listeners = transport.observer.listenerCount('close');

    // Repeatedly.
    (await attachHeartbeat(transport)).close();
    (await attachHeartbeat(transport)).close();
    expect(transport.observer.listenerCount('close')).toBe(listeners);

    const second = await attachHeartbeat(transport);

    expect(second.descriptor.streamId).toBe(0);
    expect((await transport.dump()).dataConsumerIds).toHaveLength(2);

    const peer = await new WirePeer({ transport, streamId: 0 }).connect();

    await untilState(second, 'alive');
    transport.close();
    direct.close();
    peer.close();
  });

  it('a client that consumes data before it connects also has a heartbeat', async () => {
    const transport = await createTransport(router);
    const direct = await router.createDirectTransport();
    const source = await direct.produceData();
    const heartbeat = await attachHeartbeat(transport);

    await Promise.all([
      transport.consumeData({ dataProducerId: source.id }),
      transport.consumeData({ dataProducerId: source.id }),
    ]);
    expect(heartbeat.descriptor.streamId).toBe(0);

    const peer = await new WirePeer({ transport, streamId: 0 }).connect();

    await untilState(heartbeat, 'alive');
    transport.close();
    direct.close();
    peer.close();
  });

  it('SCTP is not started for a client that has only media, because it would fail before the client opens a data channel', async () => {
    const transport = await createTransport(router);
    const device = createDevice();

    await attachHeartbeat(transport);
    await device.load({ routerRtpCapabilities: router.rtpCapabilities as never });

    const { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters } = transport;
    const peer = device.createSendTransport(
      structuredClone({ id, iceParameters, iceCandidates, dtlsParameters, sctpParameters }) as never,
    );

    peer.on('connect', (parameters, callback, errback) => {
      transport.connect(parameters as never).then(callback, errback);
    });
    peer.on('produce', (_, callback) => callback({ id: 'any' }));
    await peer.produce({ track: createSilentTrack() });
    await until(transport.observer, 'dtlsstatechange', () => transport.dtlsState === 'connected');
    // The worker says so before it answers.
    await transport.dump();
    expect(transport.sctpState).toBe('new');
    transport.close();
    peer.close();
  });
}
