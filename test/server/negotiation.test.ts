import { CHANNEL_LABEL } from '@mediasoup-heartbeat/protocol';
import { attachHeartbeat } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CorePeer } from '../harness/CorePeer.ts';
import { until, untilState } from '../harness/events.ts';
import { allowLog } from '../harness/mediasoupLog.ts';
import { RawClient } from '../harness/RawClient.ts';
import { createTransport, startRouter } from '../harness/server.ts';
import { WirePeer } from '../harness/WirePeer.ts';

let worker: types.Worker;
let router: types.Router;

beforeAll(async () => {
  ({ worker, router } = await startRouter());
});
afterAll(() => worker.close());

describe('the descriptor', () => {
  it('[HB-NEG-1] the descriptor is in transport.sctpParameters, whatever the application does with them', async () => {
    const transport = await createTransport(router);
    const { descriptor } = await attachHeartbeat(transport, { interval: 2000 });
    const { sctpParameters } = transport;

    expect(descriptor).toEqual({ versions: [1], streamId: 0, interval: 2000 });

    for (const copy of [
      sctpParameters,
      { ...sctpParameters },
      structuredClone(sctpParameters),
      JSON.parse(JSON.stringify({ sctp: transport.sctpParameters })).sctp,
    ]) {
      expect(copy).toHaveProperty('heartbeat', descriptor);
    }

    transport.close();
  });

  it('the descriptor does not disturb dump(), getStats() and pipeToRouter()', async () => {
    const transport = await createTransport(router);
    const other = await startRouter();

    await attachHeartbeat(transport);
    expect((await transport.dump()).sctpParameters).not.toHaveProperty('heartbeat');
    expect(await transport.getStats()).toHaveLength(1);

    const dataProducer = await transport.produceData({ sctpStreamParameters: { streamId: 7 } });

    await router.pipeToRouter({ dataProducerId: dataProducer.id, router: other.router });
    other.worker.close();
    transport.close();
  });

  it('the descriptor has the stream id that the heartbeat got if the application consumed data before', async () => {
    const transport = await createTransport(router);
    const direct = await router.createDirectTransport();
    const dataProducer = await direct.produceData();

    await transport.consumeData({ dataProducerId: dataProducer.id });
    expect((await attachHeartbeat(transport)).descriptor.streamId).toBe(1);
    transport.close();
    direct.close();
  });

  it('the descriptor stays out of sctpParameters with { advertise: false }', async () => {
    const transport = await createTransport(router);
    const heartbeat = await attachHeartbeat(transport, { advertise: false });

    expect(transport.sctpParameters).not.toHaveProperty('heartbeat');
    expect(heartbeat.descriptor.versions).toEqual([1]);
    transport.close();
  });
});

describe('a client without the heartbeat', () => {
  it('[HB-NEG-7] a client without the heartbeat has all stream ids for itself, is not judged, and the reason says so', async () => {
    const transport = await createTransport(router);
    const heartbeat = await attachHeartbeat(transport);
    const client = new RawClient({ transport, streamId: 0 });

    await client.connect();
    expect(heartbeat).toMatchObject({ state: 'pending', reason: 'no-client-half' });

    // The client's first DataProducer has id 0, as natively.
    const direct = await router.createDirectTransport();
    const dataProducer = await transport.produceData({ sctpStreamParameters: { streamId: 0 } });
    const dataConsumer = await direct.consumeData({ dataProducerId: dataProducer.id });
    const message = new Promise(resolve => dataConsumer.once('message', resolve));

    client.channel.send('hello');
    expect(String(await message)).toBe('hello');

    client.close();
    await until(transport.observer, 'sctpstatechange', () => transport.sctpState === 'closed');
    expect(heartbeat).toMatchObject({ state: 'pending', reason: 'no-client-half' });
    expect(heartbeat.stats).toMatchObject({ sent: 0, received: 0 });
    transport.close();
    direct.close();
  });

  it('[HB-NEG-7] a client that accepts a version that was not offered is not judged', async () => {
    const transport = await createTransport(router);
    const heartbeat = await attachHeartbeat(transport);
    const client = new RawClient({ transport, streamId: 0, acceptance: { version: 2 } });

    await client.connect();
    expect(heartbeat).toMatchObject({ state: 'pending', reason: 'version-mismatch' });
    expect((await transport.dump()).dataProducerIds).toEqual([]);
    client.close();
    transport.close();
  });

  it('a client that connected before the heartbeat was attached is not judged', async () => {
    const transport = await createTransport(router);
    const client = new RawClient({ transport, streamId: 5 });

    await client.connect();
    expect(await attachHeartbeat(transport)).toMatchObject({ state: 'pending', reason: 'no-client-half' });
    client.close();
    transport.close();
  });

  it('a client that connects while the heartbeat is being attached is not judged', async () => {
    const transport = await createTransport(router);
    const [heartbeat] = await Promise.all([
      attachHeartbeat(transport),
      transport.connect({
        dtlsParameters: { role: 'client', fingerprints: transport.dtlsParameters.fingerprints },
      }),
    ]);

    expect(heartbeat).toMatchObject({ state: 'pending', reason: 'no-client-half' });
    transport.close();
  });
});

describe('a client with the heartbeat', () => {
  it('[HB-NEG-2] [HB-CHN-1] [HB-CHN-2] a client with the heartbeat is alive over one unordered, unreliable stream in both directions', async () => {
    const transport = await createTransport(router);
    const heartbeat = await attachHeartbeat(transport);
    const peer = await new WirePeer({ transport, streamId: heartbeat.descriptor.streamId }).connect();

    await untilState(heartbeat, 'alive');
    expect(heartbeat.reason).toBe('first-pong');

    const dump = await transport.dump();

    expect(dump.dataConsumerIds).toHaveLength(1);
    expect(dump.dataProducerIds).toHaveLength(1);
    expect(dump.sctpListener?.streamIdTable).toEqual([{ key: 0, value: dump.dataProducerIds[0] }]);
    expect(peer.client.channel).toMatchObject({
      label: CHANNEL_LABEL,
      id: 0,
      ordered: false,
      maxRetransmits: 0,
    });
    peer.close();
    transport.close();
  });

  it('a client whose acceptance was stripped counts as accepted with { advertise: false }', async () => {
    const transport = await createTransport(router);
    const heartbeat = await attachHeartbeat(transport, { advertise: false });
    const client = new RawClient({ transport, streamId: heartbeat.descriptor.streamId });
    const core = new CorePeer(frame => client.send(frame));

    client.channel.onmessage = ({ data }) => core.receive(data);
    await client.connect();
    core.feed((endpoint, at) => endpoint.opened(at));
    await untilState(heartbeat, 'alive');
    client.close();
    transport.close();
  });

  it('a client on whose stream the application produces data is not judged, and is told so', async () => {
    const transport = await createTransport(router);
    const heartbeat = await attachHeartbeat(transport);

    await transport.produceData({ sctpStreamParameters: { streamId: heartbeat.descriptor.streamId } });

    const client = new RawClient({ transport, streamId: 0, acceptance: { version: 1 } });

    await client.connect();
    await until(heartbeat, 'statechange', () => heartbeat.reason === 'stream-id-taken');
    expect(heartbeat.state).toBe('pending');
    client.close();
    transport.close();
  });

  it('a client whose stream mediasoup refuses is not judged: the heartbeat closes, and the error says why', async () => {
    const transport = await createTransport(router);
    const heartbeat = await attachHeartbeat(transport);
    const error = new Promise(resolve => heartbeat.once('channelerror', resolve));

    transport.produceData = () => Promise.reject(new Error('refused'));

    const client = new RawClient({ transport, streamId: 0, acceptance: { version: 1 } });

    await client.connect();
    await untilState(heartbeat, 'closed');
    expect(heartbeat.reason).toBe('channel-failed');
    expect(await error).toMatchObject({ message: 'refused' });
    client.close();
    transport.close();
  });

  it('a heartbeat emits only its end if the transport is closed while its return stream is opened', async () => {
    const transport = await createTransport(router);
    const { fingerprints } = transport.dtlsParameters;
    const heartbeat = await attachHeartbeat(transport);
    const reasons: string[] = [];

    heartbeat.on('statechange', ({ reason }) => reasons.push(reason));
    await transport.connect({
      dtlsParameters: { role: 'client', fingerprints, heartbeat: { version: 1 } } as types.DtlsParameters,
    });
    transport.close();
    await router.dump();
    expect(reasons).toEqual(['transport-closed']);
  });

  it('a failed connect() gives its error to the application and may be tried again', async () => {
    const transport = await createTransport(router);
    const heartbeat = await attachHeartbeat(transport);

    allowLog(/empty dtlsParameters.fingerprints/, 'the application connects without any');
    await expect(
      transport.connect({ dtlsParameters: { fingerprints: [], heartbeat: { version: 1 } } as never }),
    ).rejects.toThrow();
    expect(heartbeat).toMatchObject({ state: 'pending', reason: 'new' });
    expect((await transport.dump()).dataProducerIds).toEqual([]);

    const peer = await new WirePeer({ transport, streamId: 0 }).connect();

    await untilState(heartbeat, 'alive');
    peer.close();
    transport.close();
  });
});
