import { enableHeartbeat, type Recovered, type TransportHeartbeat } from '@mediasoup-heartbeat/client';
import { attachHeartbeat, type Heartbeat } from '@mediasoup-heartbeat/server';
import type { types as server } from 'mediasoup';
import type { types as client } from 'mediasoup-client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { UdpRelay } from '../../examples/meeting/relay/UdpRelay.ts';
import { findOnPath } from '../../scripts/system/findOnPath.ts';
import { until, untilState } from '../harness/events.ts';
import { overTheWire } from '../harness/overTheWire.ts';
import { createDevice } from '../harness/peer.ts';
import { TcpRelay } from './TcpRelay.ts';
import { TurnServer } from './TurnServer.ts';
import { useRouter } from './useRouter.ts';

// Real libwebrtc peers on paths other than plain UDP. A client that leaves its network is heard from new ports only.

vi.setConfig({ maxConcurrency: 50, testTimeout: 120_000 });

const backend = useRouter();

type Side = { peer: client.Transport; transport: server.WebRtcTransport };
type Path = { leaveNetwork(): void };

/** Lets a client change its network until it has recovered, twice, and expects it alive on another port each time. */
async function walkTwice(
  { peer, transport }: Side,
  path: Path,
  heartbeats: { client: TransportHeartbeat; server: Heartbeat },
): Promise<void> {
  await Promise.all([untilState(heartbeats.server, 'alive'), untilState(heartbeats.client, 'alive')]);
  await until(heartbeats.client, 'sample', () => heartbeats.client.stats.received >= 5);

  for (let walk = 0; walk < 2; walk++) {
    const before = transport.iceSelectedTuple?.remotePort;
    const recovered = new Promise<Recovered>(resolve => heartbeats.client.once('recovered', resolve));

    path.leaveNetwork();

    const { attempts, restoredIn, provenIn } = await recovered;

    expect(attempts).toBeGreaterThan(0);
    expect(restoredIn ?? 0).toBeLessThanOrEqual(provenIn);
    await untilState(heartbeats.server, 'alive');
    expect(transport.iceSelectedTuple?.remotePort).not.toBe(before);
  }

  peer.close();
  transport.close();
}

/** Both sides of a transport, connected as an application would. */
async function open(
  direction: 'send' | 'recv',
  protocol: 'udp' | 'tcp',
  options: (transport: server.WebRtcTransport) => Promise<Partial<client.TransportOptions>>,
) {
  const transport = await backend.router.createWebRtcTransport({
    listenInfos: [{ protocol, ip: '127.0.0.1' }],
    enableSctp: true,
  });
  const heartbeat = await attachHeartbeat(transport, { localHealth: false });
  const device = createDevice();
  const heartbeats = enableHeartbeat(device, { connectIdleAfter: 0, recover: true });
  const { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters } = transport;
  const parameters = {
    ...overTheWire({ id, iceParameters, iceCandidates, dtlsParameters, sctpParameters }),
    ...(await options(transport)),
  } as client.TransportOptions;

  await device.load({ routerRtpCapabilities: backend.router.rtpCapabilities as client.RtpCapabilities });

  const peer =
    direction === 'send' ? device.createSendTransport(parameters) : device.createRecvTransport(parameters);

  peer.on('connect', (connect, callback, errback) => {
    transport.connect(overTheWire(connect)).then(callback, errback);
  });

  return {
    side: { peer, transport },
    heartbeats: { server: heartbeat, client: heartbeats.transports.get(peer.id) as TransportHeartbeat },
  };
}

const turnserver = await findOnPath('turnserver', process.env);

describe.concurrent('over TURN', () => {
  let turn: TurnServer;

  beforeAll(async () => {
    if (turnserver !== undefined) {
      turn = await TurnServer.start(turnserver);
    }
  });
  afterAll(() => turn?.stop());

  // `npm test` installs coturn where it may, and says so where it may not.
  it.skipIf(turnserver === undefined).each(['send', 'recv'] as const)(
    'a client that may use TURN only keeps its call on a %s transport when it changes its network',
    async direction => {
      const relay = await UdpRelay.open(turn.port);
      const { side, heartbeats } = await open(direction, 'udp', async () => ({
        iceServers: [turn.at(relay.port)],
        iceTransportPolicy: 'relay',
      }));

      await walkTwice(side, relay, heartbeats);
      relay.close();
    },
  );
});

describe.concurrent('over TCP', () => {
  it.each(['send', 'recv'] as const)(
    'a client that may use TCP only keeps its call on a %s transport when it changes its network',
    async direction => {
      let relay: TcpRelay | undefined;
      const { side, heartbeats } = await open(direction, 'tcp', async ({ iceCandidates }) => {
        relay = await TcpRelay.open(iceCandidates[0]?.port ?? 0);

        const { port } = relay;

        return {
          iceCandidates: overTheWire(iceCandidates).map(candidate => ({
            ...candidate,
            port,
          })) as client.IceCandidate[],
        };
      });

      await walkTwice(side, relay as TcpRelay, heartbeats);
      relay?.close();
    },
  );
});
