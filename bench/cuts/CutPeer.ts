import type { types as server } from 'mediasoup';
import { until, untilState } from '../../test/harness/events.ts';
import { overTheWire } from '../../test/harness/overTheWire.ts';
import { openRelayed } from '../../test/harness/relayed.ts';

/** After how many ms a side reported each state. */
export type Detection = { suspect: number; dead: number };

/** Both sides of one heartbeat, for the same cut. */
export type Cut = { server: Detection; client: Detection };

/**
 * The life of one client, with both real sides: it connects through a relay, answers some pings, and is cut off at a
 * random moment of the next interval. Right after a ping a cut takes longest to be noticed.
 */
export async function cutPeer(router: server.Router, pings: number): Promise<Cut> {
  const { transport, peer, relay, heartbeat, device } = await openRelayed(router, {
    // All clients are cut within seconds, and that looks like a fault of the server's own network.
    serverOptions: { localHealth: false },
  });

  peer.on('connect', (parameters, callback, errback) => {
    transport.connect(overTheWire(parameters)).then(callback, errback);
  });

  const answering = device.transports.get(peer.id);

  if (answering === undefined) {
    throw new Error(
      'The device has no heartbeat for its transport. Enable it before creating the transport.',
    );
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
