import {
  type AnsweringHeartbeat,
  type AnswerOptions,
  answerHeartbeat,
  attachHeartbeat,
  type Heartbeat,
  type HeartbeatOptions,
} from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { loops } from '../../packages/server/src/loops.ts';
import { until, untilState } from '../harness/events.ts';
import { LinkRelay } from '../harness/LinkRelay.ts';
import { allowLog } from '../harness/mediasoupLog.ts';
import { createTransport, startRouter } from '../harness/server.ts';

vi.setConfig({ testTimeout: 20_000 });

const SCTP = { listenInfo: { protocol: 'udp', ip: '127.0.0.1' }, enableSctp: true } as const;
const QUICK = { interval: 100, suspectAfter: 400, deadAfter: 1000, deadAtLatest: 3000 };
/** The same bounds. The interval is the other end's. */
const { interval: _interval, ...QUICK_BOUNDS } = QUICK;

type Transport = types.PipeTransport | types.PlainTransport;

/** Two servers: a Worker each. */
let near: Awaited<ReturnType<typeof startRouter>>;
let far: Awaited<ReturnType<typeof startRouter>>;
const open: { close(): void }[] = [];

beforeAll(async () => {
  [near, far] = await Promise.all([startRouter(), startRouter()]);
});
afterEach(() => {
  for (const one of open.splice(0)) {
    one.close();
  }

  expect(loops.size).toBe(0);
});
afterAll(() => {
  near.worker.close();
  far.worker.close();
});

const KINDS = {
  PipeTransport: ({ router }: { router: types.Router }): Promise<Transport> =>
    router.createPipeTransport(SCTP),
  // Without RTP, so without a port for RTCP.
  PlainTransport: ({ router }: { router: types.Router }): Promise<Transport> =>
    router.createPlainTransport({ ...SCTP, rtcpMux: true }),
};

/** A link between the two servers, with a relay on its path. */
class Link {
  readonly near: Transport;
  readonly far: Transport;
  readonly relay: LinkRelay;

  private constructor(ends: readonly [Transport, Transport], relay: LinkRelay) {
    [this.near, this.far] = ends;
    this.relay = relay;
    open.push(...ends, relay);
  }

  static async create(kind: keyof typeof KINDS = 'PipeTransport'): Promise<Link> {
    const ends = await Promise.all([KINDS[kind](near), KINDS[kind](far)]);
    const relay = await LinkRelay.open(ends[0].tuple.localPort, ends[1].tuple.localPort);

    return new Link(ends, relay);
  }

  async connect(): Promise<void> {
    const [nearRemote, farRemote] = this.relay.addresses;

    await Promise.all([this.near.connect(nearRemote), this.far.connect(farRemote)]);
  }
}

/** A link whose two ends are alive. */
async function aliveLink(
  kind?: keyof typeof KINDS,
  options: HeartbeatOptions = QUICK,
  answerOptions: AnswerOptions = QUICK_BOUNDS,
): Promise<{ link: Link; pings: Heartbeat; answers: AnsweringHeartbeat }> {
  const link = await Link.create(kind);
  const pings = await attachHeartbeat(link.near, { advertise: false, ...options });
  const answers = await answerHeartbeat(link.far, { descriptor: pings.descriptor, ...answerOptions });

  await link.connect();
  await Promise.all([untilState(pings, 'alive'), untilState(answers, 'alive')]);

  return { link, pings, answers };
}

describe.each(Object.keys(KINDS) as (keyof typeof KINDS)[])('a link of two servers over a %s', kind => {
  it('is alive on both ends, each with its reason, and with RTT and loss', async () => {
    const { link, pings, answers } = await aliveLink(kind);

    expect(pings).toMatchObject({ state: 'alive', reason: 'first-pong' });
    expect(answers).toMatchObject({ state: 'alive', reason: 'first-ping', closed: false });
    link.relay.impair({ delay: 40 });
    // Smoothed over some samples.
    await until(pings, 'sample', () => (pings.stats.rtt.smoothed ?? 0) > 70);
    await until(answers, 'sample', () => (answers.stats.rtt.smoothed ?? 0) > 70);
    await until(pings, 'sample', () => pings.stats.loss.round !== undefined);
    expect(pings.stats.loss.round).toBe(0);
    await until(answers, 'sample', () => answers.report?.rtt !== undefined);
    expect(answers.report).toMatchObject({ state: 'alive', rtt: expect.any(Number) });
  });

  it('is suspect and dead on both ends while the path is cut, and alive when it is back', async () => {
    const { link, pings, answers } = await aliveLink(kind);
    const told: string[] = [];

    answers.on('statechange', ({ state, reason }) => told.push(`${state}: ${reason}`));
    answers.observer.on('dead', () => told.push('observer: dead'));
    link.relay.impair({ blackout: true });
    await Promise.all([untilState(pings, 'dead'), untilState(answers, 'dead')]);
    link.relay.impair({ blackout: false });
    await Promise.all([untilState(pings, 'alive'), untilState(answers, 'alive')]);
    expect(pings.reason).toBe('recovered');
    expect(told).toEqual([
      'suspect: missed-pings',
      'dead: missed-pings',
      'observer: dead',
      'alive: recovered',
    ]);
  });

  it('is dead by a goodbye on the other end if either transport is closed', async () => {
    const first = await aliveLink(kind);

    first.link.far.close();
    expect(first.answers).toMatchObject({ state: 'closed', reason: 'transport-closed' });
    await untilState(first.pings, 'dead');
    expect(first.pings.reason).toBe('goodbye');

    const second = await aliveLink(kind);

    second.link.near.close();
    await untilState(second.answers, 'dead');
    expect(second.answers.reason).toBe('goodbye');
  });
});

describe('answerHeartbeat()', () => {
  it('needs no descriptor if the other end has the default options', async () => {
    const link = await Link.create();
    const pings = await attachHeartbeat(link.near, { advertise: false });
    const answers = await answerHeartbeat(link.far);

    await link.connect();
    await Promise.all([untilState(pings, 'alive'), untilState(answers, 'alive')]);
    expect(answers.descriptor).toEqual(pings.descriptor);
  });

  it('works on an end that is connected already', async () => {
    const link = await Link.create();
    const pings = await attachHeartbeat(link.near, { advertise: false, vouch: false });

    await link.connect();

    const answers = await answerHeartbeat(link.far, { descriptor: pings.descriptor });

    expect(pings.state).toBe('pending');
    expect(pings.accept(answers.acceptance)).toBe(true);
    await Promise.all([untilState(pings, 'alive'), untilState(answers, 'alive')]);
  });

  it('tells the other end when it is closed, which is then pending and not dead', async () => {
    const { link, pings, answers } = await aliveLink();
    const closed = vi.fn();

    answers.on('close', closed);
    answers.close();
    answers.close();
    expect(closed).toHaveBeenCalledTimes(1);
    expect(answers).toMatchObject({ state: 'closed', reason: 'heartbeat-closed', acceptance: undefined });
    await untilState(pings, 'pending');
    expect(pings.reason).toBe('no-client-half');
    expect([link.near.closed, link.far.closed]).toEqual([false, false]);
  });

  it('carries the data of the application beside it', async () => {
    const { link } = await aliveLink();
    const [source, sink] = await Promise.all([
      near.router.createDirectTransport(),
      far.router.createDirectTransport(),
    ]);

    open.push(source, sink);

    const producer = await source.produceData({ label: 'app' });
    const piped = await link.near.consumeData({ dataProducerId: producer.id });
    const arrived = await link.far.produceData({
      id: producer.id,
      sctpStreamParameters: piped.sctpStreamParameters as types.SctpStreamParameters,
      label: piped.label,
    });
    const consumer = await sink.consumeData({ dataProducerId: arrived.id });
    const message = new Promise(resolve => consumer.once('message', bytes => resolve(String(bytes))));
    const timer = setInterval(() => producer.send('over the link'), 50);

    expect(await message).toBe('over the link');
    clearInterval(timer);
  });

  it('announces an interruption, in which nobody gets suspect', async () => {
    const { link, pings, answers } = await aliveLink();
    const told = vi.fn();

    pings.on('suspect', told);
    answers.on('suspect', told);
    answers.expectInterruption(20_000);
    // The other end has heard of it with the next frame.
    await until(pings, 'sample', () => pings.stats.received > 5);
    link.relay.impair({ blackout: true });
    await until(pings, 'stats', () => pings.stats.silentFor > 2000);
    link.relay.impair({ blackout: false });
    await until(pings, 'sample', () => pings.stats.silentFor < 1000);
    expect(told).not.toHaveBeenCalled();
  });

  it('has a frozen snapshot, subscribers, and figures that survive JSON', async () => {
    const { answers } = await aliveLink();
    const { getSnapshot, subscribe } = answers;
    const seen: string[] = [];

    subscribe(() => seen.push(getSnapshot().state));
    expect(getSnapshot()).toMatchObject({ state: 'alive', reason: 'first-ping' });

    const stats = await new Promise(resolve => answers.once('stats', resolve));

    expect(JSON.parse(JSON.stringify(stats))).toMatchObject({ received: expect.any(Number) });
    answers.close();
    expect(seen).toEqual(['closed']);
  });

  it('is pending, and tells why, if the other end never pings', async () => {
    const link = await Link.create();
    const answers = await answerHeartbeat(link.far, { firstPingTimeout: 1000 });

    allowLog(/no suitable DataProducer/, 'nothing takes the hellos at the other end');
    // The association begins with the first data of the application.
    await link.near.produceData({ sctpStreamParameters: { streamId: 9 } });
    await link.connect();
    await until(answers, 'statechange', () => answers.reason === 'no-answer');
    expect(answers.state).toBe('pending');
  });
});

describe('bad input', () => {
  it('refuses a WebRtcTransport, what is no transport, a closed transport, and one without SCTP', async () => {
    const webrtc = await createTransport(near.router);
    const closed = await near.router.createPipeTransport(SCTP);
    const bare = await near.router.createPipeTransport({ ...SCTP, enableSctp: false });

    open.push(webrtc, bare);
    closed.close();
    await expect(answerHeartbeat(webrtc as never)).rejects.toThrow(
      'answerHeartbeat(): transport must be a mediasoup PlainTransport or PipeTransport, got a transport of type "webrtc"',
    );
    await expect(answerHeartbeat(undefined as never)).rejects.toThrow(TypeError);
    await expect(answerHeartbeat(closed)).rejects.toThrow('answerHeartbeat(): the transport is closed');
    await expect(answerHeartbeat(bare)).rejects.toThrow('SCTP is disabled on this transport');
  });

  it.each<[string, unknown, string]>([
    [
      'descriptor',
      'mine',
      "descriptor must be the heartbeat.descriptor of the other end, got the string 'mine'",
    ],
    [
      'descriptor',
      { streamId: 0 },
      'descriptor must be the heartbeat.descriptor of the other end, got {"streamId":0}',
    ],
    ['firstPingTimeout', 1, 'firstPingTimeout must be a number from 1000 to 600000 (ms), got 1'],
    ['router', {}, 'router must be a mediasoup Router'],
    ['interval', 1000, 'answerHeartbeat(): unknown option interval'],
  ])('refuses %s: %o', async (name, value, message) => {
    const { far: end } = await Link.create();
    const answering = answerHeartbeat(end, { [name]: value } as AnswerOptions);

    await expect(answering).rejects.toThrow(TypeError);
    await expect(answering).rejects.toThrow(message);
    // It is as before.
    await expect(answerHeartbeat(end)).resolves.toMatchObject({ state: 'pending' });
  });

  it('is pending (version-mismatch) if the other end speaks another version', async () => {
    const { far: end } = await Link.create();
    const answers = await answerHeartbeat(end, {
      descriptor: { versions: [99], streamId: 0, interval: 1000 },
    });

    expect(answers).toMatchObject({ state: 'pending', reason: 'version-mismatch', acceptance: undefined });
  });

  it('refuses a stream that this transport cannot have, and says what to do', async () => {
    const { far: end } = await Link.create();

    await expect(
      answerHeartbeat(end, { descriptor: { versions: [1], streamId: 7, interval: 1000 } }),
    ).rejects.toThrow(
      'answerHeartbeat(): the other end pings on SCTP stream 7, and this transport would answer on stream 0. Call ' +
        'attachHeartbeat() and answerHeartbeat() right after creating the two transports',
    );
  });

  it('refuses a stream that the application uses', async () => {
    const { far: end } = await Link.create();

    await end.produceData({ sctpStreamParameters: { streamId: 0 } });
    await expect(answerHeartbeat(end)).rejects.toThrow('one that the application uses');
  });

  it('returns the same heartbeat for the same transport, and refuses other options and attachHeartbeat() on it', async () => {
    const { near: other, far: end } = await Link.create();
    const answers = await answerHeartbeat(end);

    await expect(answerHeartbeat(end)).resolves.toBe(answers);
    await expect(answerHeartbeat(end, {})).rejects.toThrow('this transport answers already');
    await expect(attachHeartbeat(end, { advertise: false })).rejects.toThrow(
      'attachHeartbeat(): answerHeartbeat() was called for this transport',
    );
    await attachHeartbeat(other, { advertise: false });
    await expect(answerHeartbeat(other)).rejects.toThrow('attachHeartbeat() was called for this transport');
  });

  it('rejects if the transport is closed meanwhile', async () => {
    const { far: end } = await Link.create();
    const answering = answerHeartbeat(end);

    end.close();
    await expect(answering).rejects.toThrow('the transport was closed meanwhile');
  });
});
