import { enableHeartbeat } from '@mediasoup-heartbeat/client';
import { attachHeartbeat } from '@mediasoup-heartbeat/server';
import type { types as server } from 'mediasoup';
import type { types as client } from 'mediasoup-client';
import { UdpRelay } from '../../examples/meeting/relay/UdpRelay.ts';
import { until, untilState } from '../../test/harness/events.ts';
import { createDevice } from '../../test/harness/peer.ts';
import { createTransport } from '../../test/harness/server.ts';

/** After how many ms each half said so. */
export type Detection = { suspect: number; dead: number };

/** Both halves of one heartbeat, by the same cut. */
export type Cut = { server: Detection; client: Detection };

/**
 * The life of one peer, with both real halves: it connects through a relay, answers so many pings, and is cut off at a
 * random moment of the interval that follows. Right behind a ping it takes longest.
 */
export async function cutPeer(router: server.Router, pings: number): Promise<Cut> {
  const transport = await createTransport(router);
  const heartbeat = await attachHeartbeat(transport);
  const relay = await UdpRelay.open(transport.iceCandidates[0]?.port ?? 0);
  const device = createDevice();
  const heartbeats = enableHeartbeat(device, { connectIdleAfter: 0 });

  await device.load({ routerRtpCapabilities: router.rtpCapabilities as client.RtpCapabilities });

  const { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters } = transport;
  const peer = device.createRecvTransport(
    overTheWire({
      id,
      iceParameters,
      iceCandidates: iceCandidates.map(candidate => ({ ...candidate, port: relay.port })),
      dtlsParameters,
      sctpParameters,
    }) as client.TransportOptions,
  );

  peer.on('connect', (parameters, callback, errback) => {
    transport.connect(overTheWire(parameters)).then(callback, errback);
  });

  const answering = heartbeats.transports.get(peer.id);

  if (answering === undefined) {
    throw new Error('the device has no heartbeat for its transport');
  }

  await until(heartbeat, 'sample', () => heartbeat.stats.received >= pings);
  await new Promise(resolve => setTimeout(resolve, Math.random() * 1000));

  const cutAt = performance.now();

  relay.impair({ blackout: true });

  const [ofServer, ofClient] = await Promise.all([detection(heartbeat, cutAt), detection(answering, cutAt)]);

  peer.close();
  transport.close();
  relay.close();
  heartbeats.close();

  return { server: ofServer, client: ofClient };
}

async function detection(heartbeat: Parameters<typeof untilState>[0], since: number): Promise<Detection> {
  await untilState(heartbeat, 'suspect', 'dead');

  const suspect = performance.now() - since;

  await untilState(heartbeat, 'dead');

  return { suspect, dead: performance.now() - since };
}

/** What arrives of an object at the other end of the signalling. */
function overTheWire<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
