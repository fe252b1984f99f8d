import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { enableHeartbeat } from '@mediasoup-heartbeat/client';
import { attachHeartbeat } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup-client';
import { UdpRelay } from '../../examples/meeting/relay/UdpRelay.ts';
import { startSource } from '../../test/client/Source.ts';
import { until } from '../../test/harness/events.ts';
import { overTheWire } from '../../test/harness/overTheWire.ts';
import { createDevice, createSilentTrack } from '../../test/harness/peer.ts';
import { createTransport } from '../../test/harness/server.ts';

// How soon a data channel opens in an application whose `connect` listener calls back at once, and which sends the
// parameters with its first operation, a while later. With and without the heartbeat, on the real worker:
//   npm run bench:early-answer [-- --idle 12 --rtt 20 --peers 5] [--json]

const { values } = parseArgs({
  options: {
    /** Seconds until the first operation. */
    idle: { type: 'string', default: '12' },
    /** Round trip of media and of signalling, in ms. */
    rtt: { type: 'string', default: '20' },
    peers: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
  },
});

const oneWay = Number(values.rtt) / 2;
const source = await startSource();
const cases = [false, true].flatMap(data => [false, true].map(heartbeat => ({ data, heartbeat })));
const figures = await Promise.all(
  cases.map(async one => ({
    ...one,
    took: await Promise.all(Array.from({ length: Number(values.peers) }, () => open(one))),
  })),
);

for (const { data, heartbeat, took } of figures) {
  const sorted = took.toSorted((a, b) => a - b).map(Math.round);
  const what = `first operation ${data ? 'produceData()' : 'produce()'}, ${heartbeat ? 'with' : 'without'} the heartbeat`;

  console.log(
    values.json
      ? JSON.stringify({ data, heartbeat, took: sorted })
      : `${what}: the channel opens after ${sorted[sorted.length >> 1]} ms (${sorted[0]}–${sorted.at(-1)})`,
  );
}

source.worker.close();
process.exit(0);

/** Leaves a transport idle, then uses it. Returns the time from produceData() to the open data channel, in ms. */
async function open({ data, heartbeat }: { data: boolean; heartbeat: boolean }): Promise<number> {
  const server = await createTransport(source.router);

  if (heartbeat) {
    await attachHeartbeat(server);
  }

  const relay = await UdpRelay.open(server.iceCandidates[0]?.port ?? 0);
  const device = createDevice();

  relay.impair({ delay: oneWay });

  if (heartbeat) {
    enableHeartbeat(device);
  }

  await device.load({ routerRtpCapabilities: source.router.rtpCapabilities as types.RtpCapabilities });

  const { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters } = server;
  const client = device.createSendTransport(
    overTheWire({
      id,
      iceParameters,
      iceCandidates: iceCandidates.map(candidate => ({ ...candidate, port: relay.port })),
      dtlsParameters,
      sctpParameters,
    }) as types.TransportOptions,
  );
  let kept: types.DtlsParameters | undefined;
  /** To the server and back, with the parameters in the first request. */
  const request = async () => {
    const parameters = kept && overTheWire({ dtlsParameters: kept });

    kept = undefined;
    await setTimeout(oneWay);

    if (parameters !== undefined) {
      await server.connect(parameters as never);
    }

    await setTimeout(oneWay);
  };

  client.on('connect', ({ dtlsParameters }, callback) => {
    kept = dtlsParameters;
    callback();
  });
  client.on('produce', (_parameters, callback) => request().then(() => callback({ id: 'audio' })));
  client.on('producedata', (_parameters, callback) => request().then(() => callback({ id: 'data' })));
  await setTimeout(Number(values.idle) * 1000);

  if (!data) {
    await client.produce({ track: createSilentTrack() });
  }

  const startedAt = performance.now();
  const dataProducer = await client.produceData();

  await until(dataProducer, 'open', () => dataProducer.readyState === 'open');

  return performance.now() - startedAt;
}
