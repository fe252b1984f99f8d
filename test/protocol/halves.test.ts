import {
  createArrivalDetector,
  createPingDetector,
  decodeFrame,
  encodeFrame,
  type Frame,
  GoodbyeCause,
  PauseCause,
  resolveDetectorOptions,
} from '@mediasoup-heartbeat/protocol';
import { describe, expect, it } from 'vitest';
import { FixedDetector } from './FixedDetector.ts';
import { SimulatedPair, storyOf } from './SimulatedPair.ts';

const framesOf = (bytes: Uint8Array[]): Frame[] => bytes.map(frame => decodeFrame(frame, 1));

describe('a healthy pair', () => {
  it('is alive on both sides from the first ping and pong on, and stays so', () => {
    const pair = new SimulatedPair().connect().run(60_000);

    expect(storyOf(pair.server)).toEqual(['alive: first-pong']);
    expect(storyOf(pair.client)).toEqual(['alive: first-ping']);
    expect(pair.prober.stats(pair.now)).toMatchObject({
      lost: 0,
      late: 0,
      malformed: 0,
      silentFor: expect.any(Number),
    });
  });

  it('[HB-RTT-1] [HB-RTT-3] measures the round trip on both sides', () => {
    const pair = new SimulatedPair().connect().run(60_000);

    expect(pair.prober.stats(pair.now).rtt).toMatchObject({
      last: 25,
      smoothed: 25,
      min: 25,
      p50: 25,
      p95: 25,
    });
    expect(pair.responder.stats(pair.now).rtt.smoothed).toBeCloseTo(25, 0);
  });

  it('simulates a day in no time, across the wrap of sequence numbers', () => {
    const pair = new SimulatedPair().connect().run(86_400_000);

    expect(storyOf(pair.server)).toEqual(['alive: first-pong']);
    expect(pair.prober.stats(pair.now)).toMatchObject({ sent: 86_402, received: 86_402, lost: 0 });
    expect(pair.responder.stats(pair.now)).toMatchObject({
      received: 86_402,
      lost: 0,
      loss: { downlink: 0, uplink: 0 },
    });
  });

  it('[HB-PING-2] never repeats a token in a row, and [HB-PONG-1] answers each ping once with its seq and token', () => {
    const pair = new SimulatedPair().connect().run(20_000);
    const pings = framesOf(pair.sentByServer).filter(frame => frame.type === 'ping');
    const pongs = framesOf(pair.sentByClient).filter(frame => frame.type === 'pong');

    expect(new Set(pings.map(({ token }) => token)).size).toBe(pings.length);
    expect(pongs.map(({ seq, token }) => ({ seq, token }))).toEqual(
      pings.map(({ seq, token }) => ({ seq, token })),
    );
  });

  it('[HB-PING-3] acknowledges the pong before', () => {
    const pair = new SimulatedPair().connect().run(5000);
    const pings = framesOf(pair.sentByServer).filter(frame => frame.type === 'ping');

    // The second ping follows the hello, before the first pong.
    expect(pings.slice(0, 4)).toMatchObject([
      { seq: 0, ack: 0, ackHold: 65_535, pongs: 0 },
      { seq: 1, ack: 0, ackHold: 65_535, pongs: 0 },
      { seq: 2, ack: 1, ackHold: (1000 - 25) * 4, pongs: 2 },
      { seq: 3, ack: 1, ackHold: (1000 - 25) * 4, pongs: 3 },
    ]);
  });

  it('[HB-REPORT-1] [HB-REPORT-2] [HB-REPORT-3] tells the client how the server sees it', () => {
    const pair = new SimulatedPair();

    pair.uplink.delay = lossEvery(4, 15);
    pair.connect().run(120_000);

    expect(pair.responder.report).toMatchObject({ state: 'alive', rtt: 25, loss: { downlink: 0 } });
    expect(pair.responder.report?.loss.uplink).toBeCloseTo(0.25, 1);
  });
});

describe('loss', () => {
  it('[HB-LOSS-3] [HB-LOSS-4] is told by direction on both sides', () => {
    const pair = new SimulatedPair();

    pair.downlink.delay = lossEvery(10, 10);
    pair.connect().run(600_000);

    const { loss } = pair.prober.stats(pair.now);

    expect(loss.downlink).toBeCloseTo(0.1, 1);
    expect(loss.uplink).toBe(0);
    expect(pair.responder.stats(pair.now).loss.downlink).toBeCloseTo(0.1, 1);
    expect(pair.responder.stats(pair.now).loss.uplink).toBeCloseTo(0, 5);
  });

  it('[HB-LOSS-2] [HB-RTT-4] is not what an answer is that comes late, nor a sample of the RTT', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.uplink.delay = () => 4000;
    pair.run(1000);
    pair.uplink.delay = () => 15;
    pair.run(10_000);

    expect(pair.prober.stats(pair.now)).toMatchObject({ late: 1, lost: 0, rtt: { smoothed: 25 } });
    expect(pair.server.samples.filter(({ late }) => late)).toMatchObject([{ rtt: 4010 }]);
  });

  it('[HB-RTT-2] leaves at most 100 ms to a claimed hold time', () => {
    const pair = new SimulatedPair().connect();
    const ping = framesOf(pair.sentByServer).findLast(frame => frame.type === 'ping');

    // The answer to a new ping, delivered by hand 150 ms later, with an absurd claim.
    pair.uplink.delay = () => undefined;
    pair.run(1000);

    const fresh = framesOf(pair.sentByServer).findLast(frame => frame.type === 'ping');

    expect(fresh?.seq).toBe((ping?.seq ?? 0) + 1);
    pair.run(150 - 50);

    const before = pair.now;

    pair.prober.receive(
      encodeFrame({ type: 'pong', seq: fresh?.seq ?? 0, token: fresh?.token ?? 0, hold: 65_535, seen: 0 }, 1),
      before,
    );

    const sample = pair.server.samples.at(-1);

    expect(sample?.hold).toBe(100);
    expect(sample?.rtt).toBeGreaterThan(0);
  });
});

describe('a cut path', () => {
  it('[HB-JUDGE-1] makes both halves suspect, then dead, and alive again when it is mended', () => {
    const pair = new SimulatedPair().connect().run(10_000).cut().run(10_000).mend().run(10_000);

    expect(storyOf(pair.server)).toEqual([
      'alive: first-pong',
      'suspect: missed-pings',
      'dead: missed-pings',
      'alive: recovered',
    ]);
    expect(storyOf(pair.client)).toEqual([
      'alive: first-ping',
      'suspect: missed-pings',
      'dead: missed-pings',
      'alive: recovered',
    ]);
    expect(pair.server.changes.map(({ silentFor }) => Math.round(silentFor / 100) / 10)).toEqual([
      0, 1.5, 5, 0,
    ]);
  });

  it('has figures that are finite at any time, before the beginning and after the end', () => {
    const pair = new SimulatedPair({
      pingDetector: createPingDetector(resolveDetectorOptions()),
      arrivalDetector: createArrivalDetector(resolveDetectorOptions()),
    });
    const expectFinite = () => {
      for (const stats of [pair.prober.stats(pair.now), pair.responder.stats(pair.now)]) {
        expect(JSON.parse(JSON.stringify(stats)).evidence).toEqual({
          missed: expect.any(Number),
          deadline: expect.any(Number),
          suspicion: expect.any(Number),
        });
      }
    };

    expectFinite();
    pair.connect().run(5000);
    expectFinite();
    pair.cut().run(20_000);
    expectFinite();
    pair.prober.close('transport-closed', pair.now);
    pair.responder.close('transport-closed', pair.now);
    expectFinite();
  });

  it('has upSince while not dead, and lastSeenAt and silentFor all along', () => {
    const pair = new SimulatedPair().connect().run(10_000);
    const { upSince } = pair.prober.stats(pair.now);

    expect(upSince).toBe(1_000_025);
    pair.cut().run(2000);
    expect(pair.prober.stats(pair.now).upSince).toBe(upSince);
    pair.run(10_000);
    expect(pair.prober.stats(pair.now).upSince).toBeUndefined();
    expect(pair.prober.stats(pair.now).silentFor).toBe(
      pair.now - (pair.prober.stats(pair.now).lastSeenAt ?? 0),
    );
  });

  it('blames the page, not the network, where the transport still hears something', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.clientRuns = false;
    pair.run(2500);
    expect(pair.prober.wantsOpinion).toBe(true);
    pair.prober.opinion(true, pair.now);
    pair.run(600);
    expect(storyOf(pair.server).at(-1)).toBe('suspect: missed-pings');
    pair.prober.opinion(true, pair.now + 600);
    pair.run(5000);

    expect(storyOf(pair.server)).toEqual([
      'alive: first-pong',
      'suspect: missed-pings',
      'suspect: page-unresponsive',
      'dead: page-unresponsive',
    ]);
  });

  it('blames the server process where the connection still hears something', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.serverRuns = false;
    pair.run(2500);
    expect(pair.responder.wantsOpinion).toBe(true);
    pair.responder.opinion(true, pair.now);
    pair.run(5000);

    expect(storyOf(pair.client).at(-1)).toBe('dead: server-unresponsive');
  });
});

describe('goodbye', () => {
  it('[HB-BYE-1] [HB-BYE-2] of a closing page is death at once, even with two of three copies lost', () => {
    const pair = new SimulatedPair().connect().run(10_000);
    let copies = 0;

    pair.uplink.delay = () => (++copies === 3 ? 15 : undefined);
    pair.responder.leave(GoodbyeCause.PageClosing);
    expect(copies).toBe(3);
    pair.run(15);

    expect(storyOf(pair.server).at(-1)).toBe('dead: goodbye');
    expect(pair.prober.pollAt).toBe(Number.POSITIVE_INFINITY);
  });

  it('[HB-BYE-4] is said again to each ping, where nothing of it has arrived', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.uplink.delay = () => undefined;
    pair.responder.close('heartbeat-closed', pair.now);
    pair.uplink.delay = () => 15;
    pair.run(5000);

    expect(storyOf(pair.server)).toEqual(['alive: first-pong', 'pending: no-client-half']);
    expect(storyOf(pair.client).at(-1)).toBe('closed: heartbeat-closed');
  });

  it('[HB-BYE-4] of the server is not answered with one of the client', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.prober.close('heartbeat-closed', pair.now);
    pair.run(100);

    const sent = pair.sentByClient.length;

    pair.responder.receive(pair.sentByServer.findLast(frame => frame[2] === 1) as Uint8Array, pair.now);
    expect(pair.sentByClient).toHaveLength(sent);
  });

  it('[HB-BYE-1] is not taken back by a pong that was sent before it and comes after it', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.uplink.delay = () => 400;
    pair.run(1000);
    pair.uplink.delay = () => 15;
    pair.responder.leave(GoodbyeCause.PageClosing);
    pair.run(5000);

    expect(storyOf(pair.server)).toEqual(['alive: first-pong', 'dead: goodbye']);
  });

  it('[HB-BYE-3] [HB-HELLO-1] is over when the page comes back', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.responder.leave(GoodbyeCause.PageClosing);
    pair.run(5000);
    pair.responder.returned(pair.now);
    pair.run(1000);

    expect(storyOf(pair.server)).toEqual(['alive: first-pong', 'dead: goodbye', 'alive: recovered']);
    expect(pair.client.changes.at(-1)?.state).toBe('alive');
  });

  it('[HB-BYE-2] of a heartbeat that is switched off is nobody’s death, on either side', () => {
    const off = new SimulatedPair().connect().run(10_000);

    off.responder.close('heartbeat-closed', off.now);
    off.run(60_000);
    expect(storyOf(off.server)).toEqual(['alive: first-pong', 'pending: no-client-half']);
    expect(storyOf(off.client).at(-1)).toBe('closed: heartbeat-closed');

    const other = new SimulatedPair().connect().run(10_000);

    other.prober.close('heartbeat-closed', other.now);
    other.run(60_000);
    other.responder.disconnected('channel-closed', other.now);
    expect(storyOf(other.client)).toEqual(['alive: first-ping', 'pending: no-server-half']);
    expect(storyOf(other.server).at(-1)).toBe('closed: heartbeat-closed');
  });

  it('[HB-BYE-2] of an unknown cause counts as a closing page', () => {
    const pair = new SimulatedPair().connect();

    pair.prober.receive(encodeFrame({ type: 'goodbye', cause: 99 }, 1), pair.now);
    expect(storyOf(pair.server).at(-1)).toBe('dead: goodbye');
  });
});

describe('a page', () => {
  it('[HB-PAUSE-2] that is hidden says so, and is alive', () => {
    const pair = new SimulatedPair().connect();

    pair.responder.setHidden(true);
    pair.run(60_000);
    expect(pair.prober.stats(pair.now).hidden).toBe(true);
    expect(pair.prober.state).toBe('alive');
    pair.responder.setHidden(false);
    pair.run(100);
    expect(pair.prober.stats(pair.now).hidden).toBe(false);
  });

  it('[HB-PONG-4] that is hidden from the start is known as hidden though its hello is lost', () => {
    const pair = new SimulatedPair();
    const { delay } = pair.uplink;

    pair.responder.setHidden(true);
    // As when the channel opens before the server half has its way back: the hello is lost, and the first ping stops it.
    pair.uplink.delay = () => undefined;
    pair.connect();
    pair.uplink.delay = delay;
    pair.run(2000);
    expect(pair.prober.state).toBe('alive');
    expect(pair.prober.stats(pair.now).hidden).toBe(true);
  });

  it('[HB-PONG-4] that comes to the front is known as visible though the frame that says so is lost', () => {
    const pair = new SimulatedPair().connect();
    const { delay } = pair.uplink;

    pair.responder.setHidden(true);
    pair.run(2000);
    pair.uplink.delay = () => undefined;
    pair.responder.setHidden(false);
    pair.uplink.delay = delay;
    pair.run(2000);
    expect(pair.prober.stats(pair.now).hidden).toBe(false);
  });

  it('[HB-PAUSE-1] [HB-PAUSE-2] that is frozen is suspect at once, spared from death, and alive when it thaws', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.responder.freeze();
    pair.clientRuns = false;
    pair.run(50_000);
    expect(storyOf(pair.server)).toEqual(['alive: first-pong', 'suspect: page-frozen']);

    pair.clientRuns = true;
    pair.responder.thaw(pair.now);
    pair.run(2000);
    expect(storyOf(pair.server).at(-1)).toBe('alive: recovered');
    expect(storyOf(pair.client)).toEqual(['alive: first-ping']);
  });

  it('[HB-PAUSE-2] that stays frozen is dead after its own bound', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.responder.freeze();
    pair.clientRuns = false;
    pair.run(59_000);
    expect(pair.prober.state).toBe('suspect');
    pair.run(3000);
    expect(storyOf(pair.server).at(-1)).toBe('dead: page-frozen');
  });
});

describe('an expected interruption', () => {
  it('[HB-PAUSE-2] is nobody’s death, on either side', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.prober.expectInterruption(8000, pair.now);
    pair.run(100).cut().run(7500).mend().run(5000);

    expect(storyOf(pair.server)).toEqual(['alive: first-pong']);
    expect(storyOf(pair.client)).toEqual(['alive: first-ping']);
  });

  it('is judged anew when it is over, and has not ended the silence', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.prober.expectInterruption(8000, pair.now);
    pair
      .run(100)
      .cut()
      .run(7900 + 6000);

    expect(storyOf(pair.server)).toEqual([
      'alive: first-pong',
      'suspect: missed-pings',
      'dead: missed-pings',
    ]);
  });

  it('can be announced by the client, and ended before its time', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    const interruption = pair.responder.expectInterruption(60_000, pair.now);

    pair.run(100);
    pair.responder.interruptionOver(interruption, pair.now);
    pair.run(100).cut().run(3000);

    expect(storyOf(pair.server).at(-1)).toBe('suspect: missed-pings');
  });

  it('[HB-PAUSE-3] cannot switch the other half’s judgement off', () => {
    const pair = new SimulatedPair().connect();
    const forEver = { type: 'paused', cause: PauseCause.Interruption, duration: 0xffff_ffff } as const;

    pair.prober.receive(encodeFrame(forEver, 1), pair.now);
    pair.responder.receive(encodeFrame(forEver, 1), pair.now);
    pair.cut().run(180_000);

    expect(pair.prober.state).toBe('dead');
    expect(pair.responder.state).toBe('dead');
  });

  it.each<[string, Frame[]]>([
    ['paused', [{ type: 'paused', cause: PauseCause.Interruption, duration: 60_000 }]],
    ['frozen', [{ type: 'paused', cause: PauseCause.Frozen, duration: 0 }]],
    ['resumed', [{ type: 'resumed', cause: PauseCause.Interruption }]],
    ['thawed', [{ type: 'resumed', cause: PauseCause.Frozen }]],
    [
      'paused and resumed',
      [
        { type: 'paused', cause: PauseCause.Interruption, duration: 60_000 },
        { type: 'resumed', cause: PauseCause.Interruption },
      ],
    ],
    [
      'frozen and thawed',
      [
        { type: 'paused', cause: PauseCause.Frozen, duration: 0 },
        { type: 'resumed', cause: PauseCause.Frozen },
      ],
    ],
    ['there', [{ type: 'hello', instance: 1, hidden: 0 }]],
  ])('[HB-PAUSE-4] cannot be announced instead of living: %s, again and again', (_, frames) => {
    const pair = new SimulatedPair().connect().run(10_000).cut();

    // As often as the gate bears for ever.
    for (let i = 0; i < 4 * 200; i++) {
      for (const frame of frames) {
        pair.prober.receive(encodeFrame(frame, 1), pair.now);

        if (frame.type !== 'hello') {
          pair.responder.receive(encodeFrame(frame, 1), pair.now);
        }
      }

      pair.run(250);
    }

    expect(pair.prober.state).toBe('dead');
    expect(pair.responder.state).toBe('dead');
    expect(pair.prober.reason).not.toBe('protocol-violation');
  });

  it('that is announced by the other half does not shorten one of the own', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.prober.expectInterruption(60_000, pair.now);
    pair.responder.expectInterruption(1000, pair.now);
    pair.run(100).cut().run(50_000);
    expect(pair.prober.state).toBe('alive');
  });

  it('[HB-PAUSE-2] keeps a connection that fails meanwhile from being a death, and is judged by it at its end', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.responder.expectInterruption(20_000, pair.now);
    pair.run(100).cut().run(5000);
    pair.responder.disconnected('connection-failed', pair.now);
    pair.run(14_000);
    expect(storyOf(pair.client)).toEqual(['alive: first-ping']);
    pair.run(2000);
    expect(storyOf(pair.client)).toEqual(['alive: first-ping', 'dead: connection-failed']);
  });

  it('[HB-PAUSE-2] judges nobody by a connection that failed meanwhile and is up again', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.responder.expectInterruption(20_000, pair.now);
    pair.run(100).cut().run(5000);
    pair.responder.disconnected('connection-failed', pair.now);
    pair.responder.connected(pair.now);
    pair.mend().run(60_000);
    expect(storyOf(pair.client)).toEqual(['alive: first-ping']);
  });

  it('[HB-PAUSE-2] postpones the death of who is yet to connect', () => {
    const pair = new SimulatedPair();

    pair.prober.accept(1, pair.now);
    pair.prober.expectInterruption(60_000, pair.now);
    pair.run(59_000);
    expect(pair.prober.state).toBe('pending');
    pair.run(2000);
    expect(storyOf(pair.server)).toEqual(['dead: not-connected']);
  });

  it('leaves nothing behind of a page that froze and thawed in it', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.prober.expectInterruption(10_000, pair.now);
    pair.responder.freeze();
    pair.run(1000);
    pair.responder.thaw(pair.now);
    pair.run(30_000).cut().run(8000);
    expect(storyOf(pair.server)).toEqual([
      'alive: first-pong',
      'suspect: missed-pings',
      'dead: missed-pings',
    ]);
  });
});

describe('a half that', () => {
  it('[HB-SEC-3] leaves and comes back all the time is a protocol violation, and soon', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    for (let i = 0; i < 100; i++) {
      pair.prober.receive(encodeFrame({ type: 'goodbye', cause: GoodbyeCause.PageClosing }, 1), pair.now);
      pair.prober.receive(encodeFrame({ type: 'hello', instance: 1, hidden: 0 }, 1), pair.now);
      pair.run(80);
    }

    expect(pair.prober.reason).toBe('protocol-violation');
    // Two for each time that it left and came back.
    expect(pair.server.changes.length).toBeLessThan(2 * 30);
  });

  it.each(['goodbye', 'silence'] as const)(
    '[HB-SEC-3] goes on sending after its %s is a protocol violation',
    by => {
      const pair = new SimulatedPair().connect().run(10_000);
      const goodbye = encodeFrame({ type: 'goodbye', cause: GoodbyeCause.HeartbeatOff }, 1);

      if (by === 'goodbye') {
        pair.prober.receive(goodbye, pair.now);
        pair.responder.receive(goodbye, pair.now);
      }

      pair.cut();

      for (let i = 0; i < 100; i++) {
        pair.prober.receive(new Uint8Array(256_000), pair.now);
        pair.responder.receive(new Uint8Array(256_000), pair.now);
      }

      expect(pair.prober.reason).toBe('protocol-violation');
      expect(pair.responder.reason).toBe('protocol-violation');
    },
  );
});

describe('what the transport says', () => {
  it('is no death of a server that was never heard, and nothing takes a death back by waiting', () => {
    const pair = new SimulatedPair();

    pair.responder.opened(pair.now);
    pair.responder.disconnected('connection-failed', pair.now);
    pair.run(60_000);
    expect(storyOf(pair.client)).toEqual(['pending: not-connected']);

    const violated = new SimulatedPair();

    violated.responder.opened(violated.now);

    for (let i = 0; i < 100; i++) {
      violated.responder.receive(new Uint8Array(65), violated.now);
    }

    violated.run(60_000);
    expect(storyOf(violated.client)).toEqual(['dead: protocol-violation']);

    const left = new SimulatedPair();

    left.responder.opened(left.now);
    left.responder.receive(
      encodeFrame({ type: 'goodbye', cause: GoodbyeCause.TransportClosing }, 1),
      left.now,
    );
    left.run(60_000);
    expect(storyOf(left.client)).toEqual(['dead: goodbye']);
  });

  it('is no death of a client that has switched its heartbeat off', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.responder.close('heartbeat-closed', pair.now);
    pair.run(1000);
    pair.prober.disconnected('dtls-closed', pair.now);
    pair.run(60_000);
    expect(storyOf(pair.server)).toEqual(['alive: first-pong', 'pending: no-client-half']);
  });

  it('[HB-JUDGE-3] counts at once: SCTP or DTLS down is death, ICE disconnected suspicion', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.prober.trouble('ice-disconnected', pair.now);
    expect(storyOf(pair.server).at(-1)).toBe('suspect: ice-disconnected');
    pair.run(2000);
    expect(storyOf(pair.server).at(-1)).toBe('alive: recovered');
    pair.prober.disconnected('dtls-closed', pair.now);
    pair.prober.disconnected('sctp-closed', pair.now);
    expect(storyOf(pair.server).at(-1)).toBe('dead: dtls-closed');
  });

  it('[HB-JUDGE-1] [HB-NEG-7] judges nobody who has not accepted', () => {
    const pair = new SimulatedPair();

    pair.prober.connected(pair.now);
    pair.run(20_000);
    expect(storyOf(pair.server)).toEqual(['pending: no-client-half']);
    pair.prober.disconnected('dtls-closed', pair.now);
    pair.run(60_000);
    expect(storyOf(pair.server)).toEqual(['pending: no-client-half']);
    expect(pair.sentByServer).toEqual([]);
  });

  it('says of a transport that nobody connects that it is not connected', () => {
    expect(storyOf(new SimulatedPair().run(20_000).server)).toEqual(['pending: not-connected']);
  });

  it('does not call an accepted peer dead while its transport is being connected, and does when ICE says so', () => {
    const pair = new SimulatedPair();

    pair.whyNotConnected = undefined;
    pair.prober.accept(1, pair.now);
    expect(storyOf(pair.run(100_000).server)).toEqual(['pending: not-connected']);
    pair.whyNotConnected = 'ice-disconnected';
    expect(storyOf(pair.run(20_000).server)).toEqual(['pending: not-connected', 'dead: ice-disconnected']);
  });

  it('makes an accepted peer dead that never connects or never answers', () => {
    const unconnected = new SimulatedPair();

    unconnected.prober.accept(1, unconnected.now);
    expect(storyOf(unconnected.run(20_000).server)).toEqual(['dead: not-connected']);

    const silent = new SimulatedPair().cut();

    silent.prober.accept(1, silent.now);
    silent.prober.connected(silent.now);
    silent.responder.opened(silent.now);
    silent.run(20_000);
    expect(storyOf(silent.server)).toEqual(['dead: no-answer']);
    expect(storyOf(silent.client)).toEqual(['pending: no-answer']);
    silent.mend().run(2000);
    expect(storyOf(silent.server).at(-1)).toBe('alive: first-pong');
  });

  it('of a connection that failed is over when an ICE restart brings it back', () => {
    const pair = new SimulatedPair().connect().run(10_000).cut().run(20_000);

    pair.responder.disconnected('connection-failed', pair.now);
    expect(pair.responder.state).toBe('dead');
    pair.mend().run(3000);

    expect(storyOf(pair.client).at(-1)).toBe('alive: recovered');
    expect(storyOf(pair.server).at(-1)).toBe('alive: recovered');
  });

  it('is not heard after the end: closed is final', () => {
    const pair = new SimulatedPair().connect();

    pair.prober.close('transport-closed', pair.now);
    pair.prober.connected(pair.now);
    pair.prober.accept(1, pair.now);
    pair.prober.disconnected('sctp-closed', pair.now);
    pair.run(10_000);

    expect(storyOf(pair.server)).toEqual(['alive: first-pong', 'closed: transport-closed']);
    expect(pair.prober.pollAt).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('hello', () => {
  it('[HB-HELLO-2] is repeated until a ping comes, five times at most', () => {
    const pair = new SimulatedPair();

    pair.responder.opened(pair.now);
    pair.run(20_000);
    expect(framesOf(pair.sentByClient)).toEqual(Array(5).fill({ type: 'hello', instance: 42, hidden: 0 }));
  });

  it('[HB-HELLO-3] makes a hung server be heard, and is not too much for it when it goes on', () => {
    const pair = new SimulatedPair().connect().run(10_000);
    const hellos = () => framesOf(pair.sentByClient).filter(({ type }) => type === 'hello').length;
    const before = hellos();

    for (let i = 0; i < 1000; i++) {
      pair.responder.knock();
    }

    // All of them come at once when it goes on.
    expect(hellos()).toBe(before + 120);
    pair.run(5000);
    expect(storyOf(pair.server)).toEqual(['alive: first-pong']);
    expect(pair.prober.stats(pair.now).malformed).toBe(0);

    // It has pinged since.
    pair.responder.knock();
    expect(hellos()).toBe(before + 121);
  });
});

describe('numbers of pings', () => {
  const pingOf = (seq: number) =>
    encodeFrame({ type: 'ping', seq, token: 7, ack: 0, ackHold: 0, pongs: 0 }, 1);

  it('[HB-PING-5] pings that are older than the window are ignored, and are nobody’s fault', () => {
    const pair = new SimulatedPair().connect();

    pair.responder.receive(pingOf(1000), pair.now);

    const sent = pair.sentByClient.length;

    pair.responder.receive(pingOf(872), pair.now);
    pair.responder.receive(pingOf(800), pair.now);
    expect(pair.sentByClient.length).toBe(sent);
    pair.responder.receive(pingOf(873), pair.now);
    expect(pair.sentByClient.length).toBe(sent + 1);
    expect(pair.responder.stats(pair.now).malformed).toBe(0);
  });

  it('[HB-PING-5] the numbers of pings may have gone round while none of them arrived', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    // More than half a round is lost within a night without a path.
    pair.downlink.delay = () => undefined;
    pair.run(40_000_000).mend().run(3000);
    expect(pair.prober.state).toBe('alive');
    expect(pair.responder.state).toBe('alive');
    expect(pair.responder.stats(pair.now).malformed).toBe(0);
  });

  it('[HB-PONG-2] pongs may be those of the round before where a whole round was not answered', () => {
    const pair = new SimulatedPair().connect().run(10_000);
    const pongs: Uint8Array[] = [];
    const { sentByClient } = pair;

    // Nothing that the client says arrives for longer than a round of numbers.
    pair.uplink.delay = () => undefined;
    pair.run(70_000_000);
    pongs.push(...sentByClient.slice(-70_000));

    for (const pong of pongs) {
      pair.prober.receive(pong, pair.now);
    }

    expect(pair.prober.state).toBe('alive');
    expect(pair.server.violations).toBe(0);
    expect(pair.prober.stats(pair.now).malformed).toBe(0);
  });
});

describe('a transport that was asked and does not answer', () => {
  const silentPair = (frames: 'lost' | 'held') => {
    const options = resolveDetectorOptions();
    const pair = new SimulatedPair({ pingDetector: createPingDetector(options) }).connect().run(10_000);

    pair.cut().run(frames === 'lost' ? 2000 : 1500);
    pair.server.changes.length = 0;

    return { pair, options };
  };

  it('[HB-JUDGE-4] a transport that does not answer makes nobody dead, and nobody is pinged over it meanwhile', () => {
    const { pair } = silentPair('held');
    const { state } = pair.prober;

    pair.prober.asked(pair.now);

    const { sent } = pair.prober.stats(pair.now);

    pair.run(7000);
    expect(pair.prober.stats(pair.now).sent).toBe(sent);
    expect(pair.prober.state).toBe(state);
    pair.prober.answered(pair.now);
    pair.mend().run(2000);
    expect(pair.server.changes.filter(change => change.state === 'dead')).toEqual([]);
    expect(pair.prober.state).toBe('alive');
  });

  it('[HB-JUDGE-4] a silent client is dead later by the time for which its transport did not answer', () => {
    const { pair, options } = silentPair('held');

    pair.prober.asked(pair.now);
    pair.run(7000);
    pair.prober.answered(pair.now);
    pair.run(options.deadAfter - 2500);
    expect(pair.prober.state).not.toBe('dead');
    pair.run(2500);
    expect(pair.prober.state).toBe('dead');
  });

  it('a transport that answers in time delays no death', () => {
    const deadAt = (answersWithin: number | undefined) => {
      const { pair } = silentPair('lost');

      while (pair.prober.state !== 'dead') {
        if (answersWithin !== undefined) {
          pair.prober.asked(pair.now);
          pair.run(answersWithin);
          pair.prober.answered(pair.now);
        }

        pair.run(500 - (answersWithin ?? 0));
      }

      return pair.server.changes.at(-1)?.at ?? 0;
    };

    expect(Math.abs(deadAt(20) - deadAt(undefined))).toBeLessThan(100);
  });

  it('a client whose transport never answers is suspect, dead at the hard limit, and alive when it is heard again', () => {
    const { pair, options } = silentPair('held');

    pair.prober.asked(pair.now);
    pair.run(options.deadBefore - 1);
    expect(storyOf(pair.server)).toEqual(['suspect: missed-pings']);
    pair.run(1);
    expect(storyOf(pair.server)).toEqual(['suspect: missed-pings', 'dead: missed-pings']);

    const { sent } = pair.prober.stats(pair.now);

    pair.run(10 * options.deadBefore);
    expect(pair.prober.stats(pair.now).sent).toBe(sent);
    pair.prober.answered(pair.now);
    pair.mend().run(2000);
    expect(storyOf(pair.server).at(-1)).toBe('alive: recovered');
  });

  it('a client that never answered is dead at the hard limit where its transport does not answer either', () => {
    const pair = new SimulatedPair({ pingDetector: createPingDetector(resolveDetectorOptions()) }).cut();

    pair.prober.accept(1, pair.now);
    pair.prober.connected(pair.now);
    pair.run(5000);
    pair.prober.asked(pair.now);
    pair.run(20_000);
    expect(storyOf(pair.server)).toEqual([]);
    pair.run(10_000);
    expect(storyOf(pair.server)).toEqual(['dead: no-answer']);
  });

  it('a transport that does not answer does not shorten the time of a frozen page', () => {
    const { pair, options } = silentPair('held');

    pair.prober.receive(encodeFrame({ type: 'paused', cause: PauseCause.Frozen, duration: 0 }, 1), pair.now);
    pair.prober.asked(pair.now);
    pair.run(options.deadBefore + 5000);
    expect(storyOf(pair.server)).toEqual(['suspect: page-frozen']);
    pair.run(60_000);
    expect(storyOf(pair.server)).toEqual(['suspect: page-frozen', 'dead: page-frozen']);
  });
});

describe('an error of our own', () => {
  /** A detector with a fault. */
  class FaultyDetector extends FixedDetector {
    override answered(): void {
      throw new TypeError('a fault');
    }

    override arrived(): void {
      throw new TypeError('another fault');
    }
  }

  it('[HB-SEC-5] an error of our own is told once, counted apart, and is nobody’s violation', () => {
    const pair = new SimulatedPair({
      pingDetector: new FaultyDetector(1000, 1e9, 1e9),
      arrivalDetector: new FaultyDetector(1000, 1e9, 1e9),
    });

    pair.connect().run(1_000_000);

    for (const [half, told] of [
      [pair.prober, pair.server],
      [pair.responder, pair.client],
    ] as const) {
      expect(half.stats(pair.now)).toMatchObject({ malformed: 0, internalErrors: expect.any(Number) });
      expect(half.stats(pair.now).internalErrors).toBeGreaterThan(900);
      expect(told.failures).toHaveLength(1);
      expect(told.failures[0]).toBeInstanceOf(TypeError);
      expect(told.dropped).toEqual([]);
      expect(told.violations).toBe(0);
      expect(half.state).not.toBe('dead');
    }
  });

  it('[HB-SEC-5] an error of our own is told as an Error even where something else was thrown', () => {
    class OddDetector extends FixedDetector {
      override answered(): void {
        throw 'not an error';
      }
    }

    const pair = new SimulatedPair({ pingDetector: new OddDetector() }).connect();

    expect(pair.server.failures).toEqual([new Error('not an error')]);
  });
});

describe('bad input', () => {
  const pongFor = (pair: SimulatedPair) => {
    const ping = framesOf(pair.sentByServer).findLast(frame => frame.type === 'ping');

    return { type: 'pong', seq: ping?.seq ?? 0, token: ping?.token ?? 0, hold: 0, seen: 0 } as const;
  };

  it('[HB-PONG-2] [HB-SEC-1] a forged, replayed or premature pong is dropped and counted, and proves nothing', () => {
    const pair = new SimulatedPair().connect();
    const pong = pongFor(pair);
    const { received, lastSeenAt } = pair.prober.stats(pair.now);

    pair.prober.receive(encodeFrame(pong, 1), pair.now + 1);
    pair.prober.receive(encodeFrame({ ...pong, token: pong.token ^ 1 }, 1), pair.now + 1);
    pair.prober.receive(encodeFrame({ ...pong, seq: pong.seq + 1 }, 1), pair.now + 1);

    expect(pair.prober.stats(pair.now)).toMatchObject({ malformed: 3, received, lastSeenAt });
    expect(pair.server.dropped).toHaveLength(1);
  });

  it('[HB-SEC-1] a pong for one transport proves nothing on another', () => {
    const one = new SimulatedPair().connect();
    const other = new SimulatedPair().connect().run(3000);

    one.prober.receive(encodeFrame({ ...pongFor(other), seq: 0 }, 1), one.now);
    expect(one.prober.stats(one.now).malformed).toBe(1);
  });

  it('[HB-FRM-6] frames of an unknown type, or that come from the wrong side, are counted and borne', () => {
    const pair = new SimulatedPair().connect();

    for (let i = 0; i < 100; i++) {
      pair.prober.receive(Uint8Array.of(1, 0x92, 99, 0), pair.now);
    }

    pair.responder.receive(encodeFrame({ type: 'hello', instance: 1, hidden: 0 }, 1), pair.now);

    expect(pair.prober.stats(pair.now).malformed).toBe(100);
    expect(pair.prober.state).toBe('alive');
    expect(pair.responder.stats(pair.now).malformed).toBe(1);
  });

  it('[HB-SEC-2] [HB-SEC-3] a flood ends in protocol-violation on either side, told once, and is deaf afterwards', () => {
    const pair = new SimulatedPair().connect();

    for (let i = 0; i < 1000; i++) {
      pair.prober.receive(new Uint8Array(20), pair.now);
      pair.responder.receive(new Uint8Array(20), pair.now);
    }

    expect(storyOf(pair.server).at(-1)).toBe('dead: protocol-violation');
    expect(storyOf(pair.client).at(-1)).toBe('dead: protocol-violation');
    expect([pair.server.violations, pair.client.violations]).toEqual([1, 1]);
    expect([pair.server.dropped.length, pair.client.dropped.length]).toEqual([1, 1]);

    const { malformed } = pair.prober.stats(pair.now);

    pair.run(60_000);
    pair.prober.receive(encodeFrame(pongFor(pair), 1), pair.now);
    expect(pair.prober.stats(pair.now).malformed).toBe(malformed);
    expect(pair.prober.state).toBe('dead');
  });

  it('frames that come before the acceptance are not read', () => {
    const pair = new SimulatedPair();

    pair.prober.receive(new Uint8Array(1000), pair.now);
    expect(pair.prober.stats(pair.now).malformed).toBe(0);
  });
});

describe('time', () => {
  it('[HB-JUDGE-4] in which the own process did not run is nobody’s silence', () => {
    const pair = new SimulatedPair().connect().run(10_000);
    const from = pair.now;

    pair.now += 6000;
    pair.prober.stalled(from, pair.now);
    pair.responder.stalled(from, pair.now);
    pair.run(10_000);

    expect(storyOf(pair.server)).toEqual(['alive: first-pong']);
    expect(storyOf(pair.client)).toEqual(['alive: first-ping']);
  });

  it('[HB-JUDGE-2] that begins anew makes nobody alive who was not heard', () => {
    const pair = new SimulatedPair().connect().run(10_000).cut().run(10_000);

    pair.prober.expectInterruption(1000, pair.now);
    pair.run(2000);
    expect(pair.prober.state).toBe('dead');
  });
});

/** Loses every n-th frame and delays the others. */
function lossEvery(n: number, delay: number): () => number | undefined {
  let frames = 0;

  return () => (++frames % n === 0 ? undefined : delay);
}
