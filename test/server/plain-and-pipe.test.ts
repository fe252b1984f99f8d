import { STREAM_OPTIONS } from '@mediasoup-heartbeat/protocol';
import { attachHeartbeat, type Heartbeat, type HeartbeatTransport } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CorePeer } from '../harness/CorePeer.ts';
import { until, untilState } from '../harness/events.ts';
import { LinkRelay } from '../harness/LinkRelay.ts';
import { allowLog } from '../harness/mediasoupLog.ts';
import { startRouter } from '../harness/server.ts';

const SCTP = { listenInfo: { protocol: 'udp', ip: '127.0.0.1' }, enableSctp: true } as const;

let near: Awaited<ReturnType<typeof startRouter>>;
let far: Awaited<ReturnType<typeof startRouter>>;
const open: { close(): void }[] = [];

beforeAll(async () => {
  [near, far] = await Promise.all([startRouter(), startRouter()]);
});
afterEach(() => {
  for (const transport of open.splice(0)) {
    transport.close();
  }
});
afterAll(() => {
  near.worker.close();
  far.worker.close();
});

/** Answers pings at the far end of a transport, in another Worker, with the protocol package only. */
async function answer(transport: HeartbeatTransport, heartbeat: Heartbeat): Promise<CorePeer> {
  const { streamId, interval } = heartbeat.descriptor;
  const direct = await far.router.createDirectTransport();
  const pings = await direct.consumeData({
    dataProducerId: (await transport.produceData({ sctpStreamParameters: { streamId, ...STREAM_OPTIONS } }))
      .id,
  });
  const pongs = await transport.consumeData({ dataProducerId: (await direct.produceData()).id });
  const core = new CorePeer(frame => void pongs.send(Buffer.from(frame)).catch(() => {}), interval);

  expect(pongs.sctpStreamParameters?.streamId).toBe(streamId);
  pings.on('message', message => core.receive(message));

  return core;
}

async function pipes(): Promise<[types.PipeTransport, types.PipeTransport]> {
  const ends = [await near.router.createPipeTransport(SCTP), await far.router.createPipeTransport(SCTP)] as [
    types.PipeTransport,
    types.PipeTransport,
  ];

  open.push(...ends);

  return ends;
}

/** A PlainTransport that learns the far end's address from its packets, so nobody calls `connect()`. */
async function plains(): Promise<[types.PlainTransport, types.PlainTransport]> {
  const ends = [
    await near.router.createPlainTransport({ ...SCTP, comedia: true }),
    await far.router.createPlainTransport(SCTP),
  ] as [types.PlainTransport, types.PlainTransport];

  open.push(...ends);

  return ends;
}

const at = ({ tuple }: types.PipeTransport | types.PlainTransport) => ({
  ip: '127.0.0.1',
  port: tuple.localPort,
});

describe('a PipeTransport', () => {
  it('with { advertise: false } is alive while the far end answers, and dead when it no longer does', async () => {
    const [pipe, end] = await pipes();
    const heartbeat = await attachHeartbeat(pipe, { advertise: false, preset: 'fast' });

    await answer(end, heartbeat);
    await Promise.all([pipe.connect(at(end)), end.connect(at(pipe))]);
    await untilState(heartbeat, 'alive');
    expect(heartbeat.stats.rtt.last).toBeGreaterThan(0);
    end.close();
    await untilState(heartbeat, 'dead');
    expect(['missed-pings', 'sctp-closed', 'sctp-failed']).toContain(heartbeat.reason);
  });

  it('with { advertise: false } is dead if nobody ever answers', async () => {
    const [pipe, end] = await pipes();
    const heartbeat = await attachHeartbeat(pipe, { advertise: false, firstPongTimeout: 3000 });

    allowLog(/no suitable DataProducer/, 'nothing takes the pings at the far end');

    await end.connect(at(pipe));
    await pipe.connect(at(end));
    await untilState(heartbeat, 'dead');
    expect(heartbeat.reason).toBe('no-answer');
  });

  it('is dead long before `firstPongTimeout` if nobody answers and the path is cut', async () => {
    const [pipe, end] = await pipes();
    const relay = await LinkRelay.open(pipe.tuple.localPort, end.tuple.localPort);
    const [remote, endRemote] = relay.addresses;
    const heartbeat = await attachHeartbeat(pipe, { advertise: false, firstPongTimeout: 600_000 });

    open.push(relay);
    allowLog(/no suitable DataProducer/, 'nothing takes the pings at the far end');

    await Promise.all([pipe.connect(remote), end.connect(endRemote)]);
    // The far end acknowledges the pings, though nothing there answers them.
    await until(heartbeat, 'stats', () => heartbeat.stats.evidence.path === 'carries');
    expect(heartbeat.state).toBe('pending');
    relay.impair({ blackout: true });
    await untilState(heartbeat, 'dead');
    expect(heartbeat).toMatchObject({ reason: 'no-answer', stats: { evidence: { path: 'silent' } } });
  }, 30_000);
});

describe('a PlainTransport with comedia', () => {
  it('with { advertise: false } is alive while the far end answers, and dead when it no longer does', async () => {
    const [plain, end] = await plains();
    const heartbeat = await attachHeartbeat(plain, { advertise: false, preset: 'fast' });

    await answer(end, heartbeat);
    await end.connect(at(plain));
    await untilState(heartbeat, 'alive');
    expect((await plain.dump()).dataProducerIds).toHaveLength(1);
    end.close();
    await untilState(heartbeat, 'dead');
    expect(['missed-pings', 'sctp-closed', 'sctp-failed']).toContain(heartbeat.reason);
  });

  it('with { advertise: false } is alive and dead as well if it was connected before the heartbeat was attached', async () => {
    const [plain, end] = await plains();
    const connected = new Promise<void>(resolve =>
      plain.on('sctpstatechange', state => state === 'connected' && resolve()),
    );

    // The association begins with the first data of the application.
    await end.produceData({ sctpStreamParameters: { streamId: 9 } });
    await plain.produceData({ sctpStreamParameters: { streamId: 9 } });
    await end.connect(at(plain));
    await connected;

    const heartbeat = await attachHeartbeat(plain, { advertise: false });

    await answer(end, heartbeat);
    await untilState(heartbeat, 'alive');
  });
});

it('a PlainTransport or PipeTransport without { advertise: false } is never judged, because there is no acceptance', async () => {
  const [pipe, end] = await pipes();
  const heartbeat = await attachHeartbeat(pipe);

  await pipe.connect(at(end));
  expect(heartbeat).toMatchObject({ state: 'pending', reason: 'no-client-half' });
});
