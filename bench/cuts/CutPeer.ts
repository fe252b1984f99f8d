import type { types as server } from 'mediasoup';
import { until, untilState } from '../../test/harness/events.ts';
import { overTheWire } from '../../test/harness/overTheWire.ts';
import { openRelayed } from '../../test/harness/relayed.ts';

/** After how many ms each half said so. */
export type Detection = { suspect: number; dead: number };

/** Both halves of one heartbeat, by the same cut. */
export type Cut = { server: Detection; client: Detection };

/**
 * The life of one peer, with both real halves: it connects through a relay, answers so many pings, and is cut off at a
 * random moment of the interval that follows. Right behind a ping it takes longest.
 */
export async function cutPeer(router: server.Router, pings: number): Promise<Cut> {
  const { transport, peer, relay, heartbeat, device } = await openRelayed(router);

  peer.on('connect', (parameters, callback, errback) => {
    transport.connect(overTheWire(parameters)).then(callback, errback);
  });

  const answering = device.transports.get(peer.id);

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
  device.close();

  return { server: ofServer, client: ofClient };
}

async function detection(heartbeat: Parameters<typeof untilState>[0], since: number): Promise<Detection> {
  await untilState(heartbeat, 'suspect', 'dead');

  const suspect = performance.now() - since;

  await untilState(heartbeat, 'dead');

  return { suspect, dead: performance.now() - since };
}
