import { attachHeartbeat, type Heartbeat } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { UdpRelay } from '../../examples/meeting/relay/UdpRelay.ts';
import { until, untilState } from '../harness/events.ts';
import { createTransport, startRouter } from '../harness/server.ts';
import { WirePeer } from '../harness/WirePeer.ts';

let worker: types.Worker;
let router: types.Router;

beforeAll(async () => {
  ({ worker, router } = await startRouter());
});
afterAll(() => worker.close());

type Options = Parameters<typeof attachHeartbeat>[1];

/** A live client behind a relay. */
async function peerBehindRelay(
  options?: Options,
): Promise<{ heartbeat: Heartbeat; relay: UdpRelay; end: () => void }> {
  const transport = await createTransport(router);
  const heartbeat = await attachHeartbeat(transport, options);
  const relay = await UdpRelay.open(transport.iceCandidates[0]?.port ?? 0);
  const peer = await new WirePeer({ transport, streamId: 0, port: relay.port }).connect();

  await untilState(heartbeat, 'alive');

  return {
    heartbeat,
    relay,
    end: () => {
      peer.close();
      relay.close();
      transport.close();
    },
  };
}

it('a short cut makes a client suspect and alive again, never dead', async () => {
  const { heartbeat, relay, end } = await peerBehindRelay();
  const states: string[] = [];

  heartbeat.on('statechange', ({ state, reason }) => states.push(`${state}: ${reason}`));
  relay.impair({ blackout: true });
  await untilState(heartbeat, 'suspect');
  relay.impair({ blackout: false });
  await untilState(heartbeat, 'alive');
  expect(states).toEqual(['suspect: missed-pings', 'alive: recovered']);
  end();
});

it('a lasting cut makes a client dead, and it is alive again when the path is back', async () => {
  const { heartbeat, relay, end } = await peerBehindRelay({ interval: 300 });

  relay.impair({ blackout: true });
  await untilState(heartbeat, 'dead');
  expect(heartbeat.reason).toBe('missed-pings');
  expect(heartbeat.stats.upSince).toBeUndefined();
  relay.impair({ blackout: false });
  await untilState(heartbeat, 'alive');
  expect(heartbeat.reason).toBe('recovered');
  end();
}, 30_000);

it('a path that is cut in one direction only makes a client dead, too', async () => {
  const { heartbeat, relay, end } = await peerBehindRelay({ interval: 300 });

  relay.impair({ blackout: true }, 'uplink');
  await untilState(heartbeat, 'dead');
  expect(heartbeat.reason).toBe('missed-pings');
  end();
}, 30_000);

it('an announced interruption changes no state', async () => {
  const { heartbeat, relay, end } = await peerBehindRelay({ interval: 300 });
  const states: string[] = [];

  heartbeat.on('statechange', ({ state }) => states.push(state));

  const over = heartbeat.expectInterruption(60_000);

  relay.impair({ blackout: true });
  await until(heartbeat, 'stats', () => heartbeat.stats.silentFor > 4000);
  relay.impair({ blackout: false });
  await until(heartbeat, 'sample', () => heartbeat.stats.silentFor < 100);
  over();
  expect(states).toEqual([]);
  end();
}, 30_000);

it('delay is measured as RTT, and loss by direction, as the relay causes them', async () => {
  const { heartbeat, relay, end } = await peerBehindRelay({ interval: 100, preset: 'patient' });

  relay.impair({ delay: 40 }, 'uplink');
  relay.impair({ delay: 20, loss: 0.2 }, 'downlink');

  const { sent } = heartbeat.stats;

  // A full window of pings, and the lost ones are known as lost.
  await until(heartbeat, 'sample', () => heartbeat.stats.sent > sent + 128 + 35);

  const { rtt, loss } = heartbeat.stats;

  // Timers add a little; nothing can be faster than the relay.
  expect(rtt.p50).toBeGreaterThanOrEqual(59);
  expect(loss.uplink).toBe(0);
  // 20 % of some 128: more than four standard deviations around.
  expect(loss.downlink).toBeGreaterThan(0.05);
  expect(loss.downlink).toBeLessThan(0.4);
  end();
}, 60_000);

it('a client that changes its address stays alive', async () => {
  const { heartbeat, relay, end } = await peerBehindRelay({ interval: 200 });

  relay.changeAddress();

  const { received } = heartbeat.stats;

  await until(heartbeat, 'sample', () => heartbeat.stats.received > received + 5);
  expect(heartbeat.state).toBe('alive');
  end();
}, 30_000);
