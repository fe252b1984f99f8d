import {
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

const BOUNDS = resolveDetectorOptions();

const framesOf = (bytes: Uint8Array[]): Frame[] => bytes.map(frame => decodeFrame(frame, 1));

describe('a healthy pair', () => {
  it('is alive on both sides from the first ping and pong on, and stays so', () => {
    const pair = new SimulatedPair().connect().run(60_000);

    expect(storyOf(pair.server)).toEqual(['alive: first-pong']);
    expect(storyOf(pair.client)).toEqual(['alive: first-ping']);
    expect(pair.serverSide.stats(pair.now)).toMatchObject({
      lost: 0,
      late: 0,
      malformed: 0,
      silentFor: expect.any(Number),
    });
  });

  it('[HB-RTT-1] [HB-RTT-3] measures the round trip on both sides', () => {
    const pair = new SimulatedPair().connect().run(60_000);

    expect(pair.serverSide.stats(pair.now).rtt).toMatchObject({
      last: 25,
      smoothed: 25,
      min: 25,
      p50: 25,
      p95: 25,
    });
    expect(pair.clientSide.stats(pair.now).rtt.smoothed).toBeCloseTo(25, 0);
  });

  it('simulates a day in no time, across the wrap of sequence numbers', () => {
    const pair = new SimulatedPair().connect().run(86_400_000);

    expect(storyOf(pair.server)).toEqual(['alive: first-pong']);
    expect(pair.serverSide.stats(pair.now)).toMatchObject({ sent: 86_402, received: 86_402, lost: 0 });
    expect(pair.clientSide.stats(pair.now)).toMatchObject({
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

    // A quarter of the time, in which too few pings leave for an outage.
    pair.uplink.delay = () => (pair.now % 4000 < 500 ? undefined : 15);
    pair.connect().run(120_000);

    expect(pair.clientSide.report).toMatchObject({ state: 'alive', rtt: 25, loss: { downlink: 0 } });
    expect(pair.clientSide.report?.loss.uplink).toBeCloseTo(0.25, 1);
  });
});

describe('loss', () => {
  it('[HB-LOSS-3] [HB-LOSS-4] is told by direction on both sides', () => {
    const pair = new SimulatedPair();

    pair.downlink.delay = lossEvery(10, 10);
    pair.connect().run(600_000);

    const { loss } = pair.serverSide.stats(pair.now);

    expect(loss.downlink).toBeCloseTo(0.1, 1);
    expect(loss.uplink).toBe(0);
    expect(pair.clientSide.stats(pair.now).loss.downlink).toBeCloseTo(0.1, 1);
    expect(pair.clientSide.stats(pair.now).loss.uplink).toBeCloseTo(0, 5);
  });

  it('[HB-LOSS-2] [HB-RTT-4] is not what an answer is that comes late, nor a sample of the RTT', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.uplink.delay = () => 4000;
    pair.run(1000);
    pair.uplink.delay = () => 15;
    pair.run(10_000);

    expect(pair.serverSide.stats(pair.now)).toMatchObject({ late: 1, lost: 0, rtt: { smoothed: 25 } });
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

    pair.tellServer({ type: 'pong', seq: fresh?.seq ?? 0, token: fresh?.token ?? 0, hold: 65_535, seen: 0 });

    const sample = pair.server.samples.at(-1);

    expect(sample?.hold).toBe(100);
    expect(sample?.rtt).toBeGreaterThan(0);
  });
});

describe('a cut path', () => {
  it('[HB-JUDGE-1] makes both sides suspect, then dead, and alive again when it is mended', () => {
    const bounds = { ...BOUNDS, suspectAfter: 1500, deadAfter: 5000 };
    const pair = new SimulatedPair({
      serverBounds: bounds,
      clientBounds: bounds,
      serverDetector: new FixedDetector(),
      clientDetector: new FixedDetector(),
    });

    pair.connect().run(10_000).cut().run(10_000).mend().run(10_000);

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

  it('is mended by two answers, even if an answer between them is lost', () => {
    const pair = new SimulatedPair().connect().run(5000);
    let pongs = 0;

    pair.uplink.delay = () => undefined;
    pair.run(2000);
    expect(pair.serverSide.state).toBe('suspect');
    pair.uplink.delay = () => (pongs++ === 1 ? undefined : 15);

    while (pair.serverSide.state !== 'alive') {
      pair.run(1);
    }

    expect(pongs).toBe(3);
  });

  it('has figures that are finite at any time, before the beginning and after the end', () => {
    const pair = new SimulatedPair();
    const expectFinite = () => {
      for (const stats of [pair.serverSide.stats(pair.now), pair.clientSide.stats(pair.now)]) {
        expect(JSON.parse(JSON.stringify(stats)).evidence).toEqual({
          missed: expect.any(Number),
          deadline: expect.any(Number),
          suspicion: expect.any(Number),
          path: expect.stringMatching(/^(carries|silent|unknown)$/),
        });
      }
    };

    expectFinite();
    pair.connect().run(5000);
    expectFinite();
    pair.cut().run(20_000);
    expectFinite();
    pair.feedServer((server, now) => server.close('transport-closed', now));
    pair.feedClient((client, now) => client.close('transport-closed', now));
    expectFinite();
  });

  it('has upSince while not dead, and lastSeenAt and silentFor all along', () => {
    const pair = new SimulatedPair().connect().run(10_000);
    const { upSince } = pair.serverSide.stats(pair.now);

    expect(upSince).toBe(1_000_025);
    pair.cut().run(2000);
    expect(pair.serverSide.stats(pair.now).upSince).toBe(upSince);
    pair.run(10_000);
    expect(pair.serverSide.stats(pair.now).upSince).toBeUndefined();
    expect(pair.serverSide.stats(pair.now).silentFor).toBe(
      pair.now - (pair.serverSide.stats(pair.now).lastSeenAt ?? 0),
    );
  });

  it('blames the page, not the network, once the transport has heard something for a second', () => {
    const pair = new SimulatedPair().connect().run(60_000);

    pair.clientRuns = false;
    pair.stackHeardBy.server = true;
    pair.run(2300);
    expect(storyOf(pair.server).at(-1)).toBe('suspect: missed-pings');
    pair.run(70_000);

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
    pair.stackHeardBy.client = true;
    pair.run(70_000);

    expect(storyOf(pair.client).at(-1)).toBe('dead: server-unresponsive');
  });
});

describe('goodbye', () => {
  it('[HB-BYE-1] [HB-BYE-2] of a closing page is death at once, even with two of three copies lost', () => {
    const pair = new SimulatedPair().connect().run(10_000);
    let copies = 0;

    pair.uplink.delay = () => (++copies === 3 ? 15 : undefined);
    pair.feedClient((client, now) => client.depart(GoodbyeCause.PageClosing, now));
    expect(copies).toBe(3);
    pair.run(15);

    expect(storyOf(pair.server).at(-1)).toBe('dead: goodbye');
    expect(pair.serverSide.nextTimeout).toBe(Number.POSITIVE_INFINITY);
  });

  it('[HB-BYE-4] is said again to each ping, where nothing of it has arrived', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.uplink.delay = () => undefined;
    pair.feedClient((client, now) => client.close('heartbeat-closed', now));
    pair.uplink.delay = () => 15;
    pair.run(5000);

    expect(storyOf(pair.server)).toEqual(['alive: first-pong', 'pending: no-client-half']);
    expect(storyOf(pair.client).at(-1)).toBe('closed: heartbeat-closed');
  });

  it('[HB-BYE-4] of the server is not answered with one of the client', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.feedServer((server, now) => server.close('heartbeat-closed', now));
    pair.run(100);

    const sent = pair.sentByClient.length;

    pair.tellClient(pair.sentByServer.findLast(frame => frame[2] === 1) as Uint8Array);
    expect(pair.sentByClient).toHaveLength(sent);
  });

  it('[HB-BYE-1] is not taken back by a pong that was sent before it and comes after it', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.uplink.delay = () => 400;
    pair.run(1000);
    pair.uplink.delay = () => 15;
    pair.feedClient((client, now) => client.depart(GoodbyeCause.PageClosing, now));
    pair.run(5000);

    expect(storyOf(pair.server)).toEqual(['alive: first-pong', 'dead: goodbye']);
  });

  it('[HB-BYE-3] [HB-HELLO-1] is over when the page comes back', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.feedClient((client, now) => client.depart(GoodbyeCause.PageClosing, now));
    pair.run(5000);
    pair.feedClient((client, now) => client.returned(now));
    pair.run(1000);

    expect(storyOf(pair.server)).toEqual(['alive: first-pong', 'dead: goodbye', 'alive: recovered']);
    expect(pair.client.changes.at(-1)?.state).toBe('alive');
  });

  it('[HB-BYE-2] of a heartbeat that is switched off is nobody’s death, on either side', () => {
    const off = new SimulatedPair().connect().run(10_000);

    off.feedClient((client, now) => client.close('heartbeat-closed', now));
    off.run(60_000);
    expect(storyOf(off.server)).toEqual(['alive: first-pong', 'pending: no-client-half']);
    expect(storyOf(off.client).at(-1)).toBe('closed: heartbeat-closed');

    const other = new SimulatedPair().connect().run(10_000);

    other.feedServer((server, now) => server.close('heartbeat-closed', now));
    other.run(60_000);
    other.feedClient((client, now) => client.disconnected('channel-closed', now));
    expect(storyOf(other.client)).toEqual(['alive: first-ping', 'pending: no-server-half']);
    expect(storyOf(other.server).at(-1)).toBe('closed: heartbeat-closed');
  });

  it('[HB-BYE-2] of an unknown cause counts as a closing page', () => {
    const pair = new SimulatedPair().connect();

    pair.tellServer({ type: 'goodbye', cause: 99 });
    expect(storyOf(pair.server).at(-1)).toBe('dead: goodbye');
  });
});

describe('a page', () => {
  it('[HB-PAUSE-2] that is hidden says so, and is alive', () => {
    const pair = new SimulatedPair().connect();

    pair.feedClient((client, now) => client.setHidden(true, now));
    pair.run(60_000);
    expect(pair.serverSide.stats(pair.now).hidden).toBe(true);
    expect(pair.serverSide.state).toBe('alive');
    pair.feedClient((client, now) => client.setHidden(false, now));
    pair.run(100);
    expect(pair.serverSide.stats(pair.now).hidden).toBe(false);
  });

  it('[HB-PONG-4] that is hidden from the start is known as hidden though its hello is lost', () => {
    const pair = new SimulatedPair();
    const { delay } = pair.uplink;

    pair.feedClient((client, now) => client.setHidden(true, now));
    // As when the channel opens before the server has its return stream: the hello is lost, and the first ping stops it.
    pair.uplink.delay = () => undefined;
    pair.connect();
    pair.uplink.delay = delay;
    pair.run(2000);
    expect(pair.serverSide.state).toBe('alive');
    expect(pair.serverSide.stats(pair.now).hidden).toBe(true);
  });

  it('[HB-PONG-4] that comes to the front is known as visible though the frame that says so is lost', () => {
    const pair = new SimulatedPair().connect();
    const { delay } = pair.uplink;

    pair.feedClient((client, now) => client.setHidden(true, now));
    pair.run(2000);
    pair.uplink.delay = () => undefined;
    pair.feedClient((client, now) => client.setHidden(false, now));
    pair.uplink.delay = delay;
    pair.run(2000);
    expect(pair.serverSide.stats(pair.now).hidden).toBe(false);
  });

  it('[HB-PAUSE-1] [HB-PAUSE-2] that is frozen is suspect at once, spared from death, and alive when it thaws', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.feedClient((client, now) => client.freeze(now));
    pair.clientRuns = false;
    pair.run(50_000);
    expect(storyOf(pair.server)).toEqual(['alive: first-pong', 'suspect: page-frozen']);

    pair.clientRuns = true;
    pair.feedClient((client, now) => client.thaw(now));
    pair.run(2000);
    expect(storyOf(pair.server).at(-1)).toBe('alive: recovered');
    expect(storyOf(pair.client)).toEqual(['alive: first-ping']);
  });

  it('[HB-PAUSE-2] that stays frozen is dead after its own bound', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.feedClient((client, now) => client.freeze(now));
    pair.clientRuns = false;
    pair.run(59_000);
    expect(pair.serverSide.state).toBe('suspect');
    pair.run(3000);
    expect(storyOf(pair.server).at(-1)).toBe('dead: page-frozen');
  });
});

describe('an expected interruption', () => {
  it('[HB-PAUSE-2] is nobody’s death, on either side', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.feedServer((server, now) => server.expectInterruption(8000, now));
    pair.run(100).cut().run(7500).mend().run(5000);

    expect(storyOf(pair.server)).toEqual(['alive: first-pong']);
    expect(storyOf(pair.client)).toEqual(['alive: first-ping']);
  });

  it('is judged anew when it is over, and has not ended the silence', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.feedServer((server, now) => server.expectInterruption(8000, now));
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

    const interruption = pair.feedClient((client, now) => client.expectInterruption(60_000, now));

    pair.run(100);
    pair.feedClient((client, now) => client.endInterruption(interruption, now));
    pair.run(100).cut().run(3000);

    expect(storyOf(pair.server).at(-1)).toBe('suspect: missed-pings');
  });

  it('[HB-PAUSE-3] cannot switch the other side’s judgement off', () => {
    const pair = new SimulatedPair().connect();
    const forEver = { type: 'paused', cause: PauseCause.Interruption, duration: 0xffff_ffff } as const;

    pair.tellServer(forEver);
    pair.tellClient(forEver);
    pair.cut().run(180_000);

    expect(pair.serverSide.state).toBe('dead');
    expect(pair.clientSide.state).toBe('dead');
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
        pair.tellServer(frame);

        if (frame.type !== 'hello') {
          pair.tellClient(frame);
        }
      }

      pair.run(250);
    }

    expect(pair.serverSide.state).toBe('dead');
    expect(pair.clientSide.state).toBe('dead');
    expect(pair.serverSide.reason).not.toBe('protocol-violation');
  });

  it('that is announced by the other side does not shorten one of the own', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.feedServer((server, now) => server.expectInterruption(60_000, now));
    pair.feedClient((client, now) => client.expectInterruption(1000, now));
    pair.run(100).cut().run(50_000);
    expect(pair.serverSide.state).toBe('alive');
  });

  it('[HB-PAUSE-2] keeps a connection that fails meanwhile from being a death, and is judged by it at its end', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.feedClient((client, now) => client.expectInterruption(20_000, now));
    pair.run(100).cut().run(5000);
    pair.feedClient((client, now) => client.disconnected('connection-failed', now));
    pair.run(14_000);
    expect(storyOf(pair.client)).toEqual(['alive: first-ping']);
    pair.run(2000);
    expect(storyOf(pair.client)).toEqual(['alive: first-ping', 'dead: connection-failed']);
  });

  it('[HB-PAUSE-2] judges nobody by a connection that failed meanwhile and is up again', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.feedClient((client, now) => client.expectInterruption(20_000, now));
    pair.run(100).cut().run(5000);
    pair.feedClient((client, now) => client.disconnected('connection-failed', now));
    pair.feedClient((client, now) => client.connected(now));
    pair.mend().run(60_000);
    expect(storyOf(pair.client)).toEqual(['alive: first-ping']);
  });

  it('[HB-PAUSE-2] postpones the death of who is yet to connect', () => {
    const pair = new SimulatedPair();

    pair.feedServer((server, now) => server.accept(1, now));
    pair.feedServer((server, now) => server.expectInterruption(60_000, now));
    pair.run(59_000);
    expect(pair.serverSide.state).toBe('pending');
    pair.run(2000);
    expect(storyOf(pair.server)).toEqual(['dead: not-connected']);
  });

  it('leaves nothing behind of a page that froze and thawed in it', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.feedServer((server, now) => server.expectInterruption(10_000, now));
    pair.feedClient((client, now) => client.freeze(now));
    pair.run(1000);
    pair.feedClient((client, now) => client.thaw(now));
    pair.run(30_000).cut().run(8000);
    expect(storyOf(pair.server)).toEqual([
      'alive: first-pong',
      'suspect: missed-pings',
      'dead: missed-pings',
    ]);
  });
});

describe('a side that', () => {
  it('[HB-SEC-3] leaves and comes back all the time is a protocol violation, and soon', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    for (let i = 0; i < 100; i++) {
      pair.tellServer({ type: 'goodbye', cause: GoodbyeCause.PageClosing });
      pair.tellServer({ type: 'hello', instance: 1, hidden: 0 });
      pair.run(80);
    }

    expect(pair.serverSide.reason).toBe('protocol-violation');
    // Two for each time that it left and came back.
    expect(pair.server.changes.length).toBeLessThan(2 * 30);
  });

  it.each(['goodbye', 'silence'] as const)(
    '[HB-SEC-3] goes on sending after its %s is a protocol violation',
    by => {
      const pair = new SimulatedPair().connect().run(10_000);
      const goodbye = { type: 'goodbye', cause: GoodbyeCause.HeartbeatOff } as const;

      if (by === 'goodbye') {
        pair.tellServer(goodbye);
        pair.tellClient(goodbye);
      }

      pair.cut();

      for (let i = 0; i < 100; i++) {
        pair.tellServer(new Uint8Array(256_000));
        pair.tellClient(new Uint8Array(256_000));
      }

      expect(pair.serverSide.reason).toBe('protocol-violation');
      expect(pair.clientSide.reason).toBe('protocol-violation');
    },
  );
});

describe('what the transport says', () => {
  it('is no death of a server that was never heard, and nothing takes a death back by waiting', () => {
    const pair = new SimulatedPair();

    pair.feedClient((client, now) => client.opened(now));
    pair.feedClient((client, now) => client.disconnected('connection-failed', now));
    pair.run(60_000);
    expect(storyOf(pair.client)).toEqual(['pending: not-connected']);

    const violated = new SimulatedPair();

    violated.feedClient((client, now) => client.opened(now));

    for (let i = 0; i < 100; i++) {
      violated.tellClient(new Uint8Array(65));
    }

    violated.run(60_000);
    expect(storyOf(violated.client)).toEqual(['dead: protocol-violation']);

    const left = new SimulatedPair();

    left.feedClient((client, now) => client.opened(now));
    left.tellClient({ type: 'goodbye', cause: GoodbyeCause.TransportClosing });
    left.run(60_000);
    expect(storyOf(left.client)).toEqual(['dead: goodbye']);
  });

  it('is no death of a client that has switched its heartbeat off', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.feedClient((client, now) => client.close('heartbeat-closed', now));
    pair.run(1000);
    pair.feedServer((server, now) => server.disconnected('dtls-closed', now));
    pair.run(60_000);
    expect(storyOf(pair.server)).toEqual(['alive: first-pong', 'pending: no-client-half']);
  });

  it('[HB-JUDGE-3] counts at once: SCTP or DTLS down is death, ICE disconnected suspicion', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.feedServer((server, now) => server.handleDegraded('ice-disconnected', now));
    expect(storyOf(pair.server).at(-1)).toBe('suspect: ice-disconnected');
    pair.run(2000);
    expect(storyOf(pair.server).at(-1)).toBe('alive: recovered');
    pair.feedServer((server, now) => server.disconnected('dtls-closed', now));
    pair.feedServer((server, now) => server.disconnected('sctp-closed', now));
    expect(storyOf(pair.server).at(-1)).toBe('dead: dtls-closed');
  });

  it('[HB-JUDGE-1] [HB-NEG-7] judges nobody who has not accepted', () => {
    const pair = new SimulatedPair();

    pair.feedServer((server, now) => server.connected(now));
    pair.run(20_000);
    expect(storyOf(pair.server)).toEqual(['pending: no-client-half']);
    pair.feedServer((server, now) => server.disconnected('dtls-closed', now));
    pair.run(60_000);
    expect(storyOf(pair.server)).toEqual(['pending: no-client-half']);
    expect(pair.sentByServer).toEqual([]);
  });

  it('says of a transport that nobody connects that it is not connected', () => {
    expect(storyOf(new SimulatedPair().run(20_000).server)).toEqual(['pending: not-connected']);
  });

  it('does not call an accepted peer dead while its transport is being connected, and does when ICE says so', () => {
    const pair = new SimulatedPair();

    pair.feedServer((server, now) => server.handleIce('up', now));
    pair.feedServer((server, now) => server.accept(1, now));
    expect(storyOf(pair.run(100_000).server)).toEqual(['pending: not-connected']);
    pair.feedServer((server, now) => server.handleIce('lost', now));
    expect(storyOf(pair.run(20_000).server)).toEqual(['pending: not-connected', 'dead: ice-disconnected']);
  });

  it('makes an accepted peer dead that never connects or never answers', () => {
    const unconnected = new SimulatedPair();

    unconnected.feedServer((server, now) => server.accept(1, now));
    expect(storyOf(unconnected.run(20_000).server)).toEqual(['dead: not-connected']);

    const silent = new SimulatedPair().cut();

    silent.feedServer((server, now) => server.accept(1, now));
    silent.feedServer((server, now) => server.connected(now));
    silent.feedClient((client, now) => client.opened(now));
    silent.run(20_000);
    expect(storyOf(silent.server)).toEqual(['dead: no-answer']);
    expect(storyOf(silent.client)).toEqual(['pending: no-answer']);
    silent.mend().run(2000);
    expect(storyOf(silent.server).at(-1)).toBe('alive: first-pong');
  });

  it('of a connection that failed is over when an ICE restart brings it back', () => {
    const pair = new SimulatedPair().connect().run(10_000).cut().run(20_000);

    pair.feedClient((client, now) => client.disconnected('connection-failed', now));
    expect(pair.clientSide.state).toBe('dead');
    pair.mend().run(3000);

    expect(storyOf(pair.client).at(-1)).toBe('alive: recovered');
    expect(storyOf(pair.server).at(-1)).toBe('alive: recovered');
  });

  it('is not heard after the end: closed is final', () => {
    const pair = new SimulatedPair().connect();

    pair.feedServer((server, now) => server.close('transport-closed', now));
    pair.feedServer((server, now) => server.connected(now));
    pair.feedServer((server, now) => server.accept(1, now));
    pair.feedServer((server, now) => server.disconnected('sctp-closed', now));
    pair.run(10_000);

    expect(storyOf(pair.server)).toEqual(['alive: first-pong', 'closed: transport-closed']);
    expect(pair.serverSide.nextTimeout).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('hello', () => {
  it('[HB-HELLO-2] is repeated until a ping comes, five times at most', () => {
    const pair = new SimulatedPair();

    pair.feedClient((client, now) => client.opened(now));
    pair.run(20_000);
    expect(framesOf(pair.sentByClient)).toEqual(Array(5).fill({ type: 'hello', instance: 42, hidden: 0 }));
  });

  it('[HB-HELLO-3] lets a hung server be heard, 120 times at most, and does not flood it when it goes on', () => {
    const pair = new SimulatedPair({ clientBounds: { ...BOUNDS, deadAtLatest: 3e6, unresponsiveAfter: 3e6 } })
      .connect()
      .run(10_000);
    const hellos = () => framesOf(pair.sentByClient).filter(({ type }) => type === 'hello').length;
    const before = hellos();

    pair.serverRuns = false;
    pair.stackHeardBy.client = true;
    pair.run(120_000);
    expect(hellos()).toBe(before + 120);

    // They have waited, and come all at once when it goes on.
    pair.serverRuns = true;
    pair.feedServer((server, now) => server.handleStall(now - 120_000, now));

    for (const hello of pair.sentByClient.slice(-120)) {
      pair.tellServer(hello);
    }

    pair.run(5000);
    expect(storyOf(pair.server)).toEqual(['alive: first-pong']);
    expect(pair.serverSide.stats(pair.now).malformed).toBe(0);

    // It has pinged since.
    pair.serverRuns = false;
    pair.run(3000);
    expect(hellos()).toBeGreaterThan(before + 120);
  });
});

describe('a hint that the network has changed', () => {
  const pingsOf = (pair: SimulatedPair) =>
    framesOf(pair.sentByServer).filter(({ type }) => type === 'ping').length;

  it('[HB-HELLO-5] makes the client ask, and the server ping at once', () => {
    const pair = new SimulatedPair().connect().run(10_300);
    const before = pingsOf(pair);

    pair.feedClient((client, now) => client.handleHint(now));
    expect(framesOf(pair.sentByClient).at(-1)).toEqual({ type: 'hello', instance: 42, hidden: 0 });
    pair.run(20);
    expect(pingsOf(pair)).toBe(before + 1);
    pair.run(5000);
    // The regular pings keep their phase, and nobody has changed its mind.
    expect(pingsOf(pair)).toBe(before + 6);
    expect(storyOf(pair.server)).toEqual(['alive: first-pong']);
    expect(storyOf(pair.client)).toEqual(['alive: first-ping']);
  });

  it('makes the server ping at once', () => {
    const pair = new SimulatedPair().connect().run(10_300);
    const before = pingsOf(pair);

    pair.feedServer((server, now) => server.handleHint(now));
    pair.run(0);
    expect(pingsOf(pair)).toBe(before + 1);
  });

  it('[HB-HELLO-5] makes the server ping a page at once that seemed to hang', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.stackHeardBy.server = true;
    pair.clientRuns = false;
    pair.run(50_000);
    pair.clientRuns = true;

    const before = pingsOf(pair);

    // Up to 5 s would pass until the next ping.
    pair.run(1);
    expect(pingsOf(pair)).toBe(before);
    pair.tellServer({ type: 'hello', instance: 42, hidden: 0 });
    pair.run(100);
    expect(storyOf(pair.server).at(-1)).toBe('alive: recovered');
  });

  it('[HB-HELLO-5] however often it is given makes no two pings leave within 50 ms', () => {
    const pair = new SimulatedPair().connect().run(10_000);
    const before = pingsOf(pair);

    for (let hint = 0; hint < 1000; hint++) {
      pair.feedServer((server, now) => server.handleHint(now));
      pair.run(1);
    }

    expect(pingsOf(pair) - before).toBeGreaterThan(15);
    expect(pingsOf(pair) - before).toBeLessThanOrEqual(21);
  });

  it('[HB-HELLO-3] that is repeated gets at most 120 hellos out of a client until a ping comes', () => {
    const pair = new SimulatedPair().connect().run(10_000).cut();
    const hellos = () => framesOf(pair.sentByClient).filter(({ type }) => type === 'hello').length;
    const before = hellos();

    for (let hint = 0; hint < 500; hint++) {
      pair.feedClient((client, now) => client.handleHint(now));
    }

    expect(hellos()).toBe(before + 120);
  });

  it('gets nothing out of a side that is closed', () => {
    const pair = new SimulatedPair().connect().run(1000);

    pair.feedClient((client, now) => client.close('transport-closed', now));
    pair.feedServer((server, now) => server.close('transport-closed', now));
    pair.run(100);

    const sent = pair.sentByClient.length + pair.sentByServer.length;

    pair.feedClient((client, now) => client.handleHint(now));
    pair.feedServer((server, now) => server.handleHint(now));
    pair.run(1000);
    expect(pair.sentByClient.length + pair.sentByServer.length).toBe(sent);
  });
});

describe('a transport that is read and does not answer', () => {
  /** The client is silent, and the server's transport does not answer. */
  const silentPair = () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.readsWithin.server = undefined;
    pair.cut().run(1500);

    return pair;
  };

  const answer = (pair: SimulatedPair) => {
    pair.readsWithin.server = 0;
    pair.feedServer((server, now) => server.handlePath({ received: 0 }, now));
  };

  it('[HB-JUDGE-4] a transport that does not answer makes nobody dead, and nobody is pinged over it meanwhile', () => {
    const pair = silentPair();
    const { state } = pair.serverSide;
    const { sent } = pair.serverSide.stats(pair.now);

    pair.run(7000);
    expect(pair.serverSide.stats(pair.now).sent).toBe(sent);
    expect(pair.serverSide.state).toBe(state);
    answer(pair);
    pair.mend().run(2000);
    expect(storyOf(pair.server).filter(change => change.startsWith('dead'))).toEqual([]);
    expect(pair.serverSide.state).toBe('alive');
  });

  it('[HB-JUDGE-4] a silent client is dead later by the time for which its transport did not answer', () => {
    const pair = silentPair().run(7000);

    answer(pair);
    pair.run(BOUNDS.deadAfter - 2500);
    expect(pair.serverSide.state).not.toBe('dead');
    pair.run(2500);
    expect(pair.serverSide.state).toBe('dead');
  });

  it('a transport that answers in time delays no death', () => {
    const deadAt = (within: number) => {
      const pair = new SimulatedPair().connect().run(10_000);

      pair.readsWithin.server = within;
      pair.cut().run(10_000);

      return pair.server.changes.find(({ state }) => state === 'dead')?.at ?? Number.NaN;
    };

    expect(Math.abs(deadAt(20) - deadAt(0))).toBeLessThan(100);
  });

  it('a client whose transport never answers is suspect, dead at the hard limit, and alive when it is heard again', () => {
    const pair = silentPair();
    const deadAt = pair.readAt.server + BOUNDS.deadAtLatest;

    pair.run(deadAt - pair.now - 1);
    expect(storyOf(pair.server).slice(1)).toEqual(['suspect: worker-unresponsive']);
    pair.run(2);
    expect(storyOf(pair.server).slice(2)).toEqual(['dead: worker-unresponsive']);

    const { sent } = pair.serverSide.stats(pair.now);

    pair.run(10 * BOUNDS.deadAtLatest);
    expect(pair.serverSide.stats(pair.now).sent).toBe(sent);
    answer(pair);
    pair.mend().run(2000);
    expect(storyOf(pair.server).at(-1)).toBe('alive: recovered');
  });

  it('a client that never answered is dead at the hard limit where its transport does not answer either', () => {
    const pair = new SimulatedPair().cut();

    pair.readsWithin.server = undefined;
    pair.feedServer((server, now) => {
      server.accept(1, now);
      server.connected(now);
    });
    pair.run(5000);
    pair.run(pair.readAt.server + BOUNDS.deadAtLatest - pair.now - 1);
    expect(storyOf(pair.server)).toEqual([]);
    pair.run(2);
    expect(storyOf(pair.server)).toEqual(['dead: no-answer']);
  });

  it('a transport that does not answer does not shorten the time of a frozen page', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.tellServer({ type: 'paused', cause: PauseCause.Frozen, duration: 0 });
    pair.readsWithin.server = undefined;
    pair.cut().run(BOUNDS.deadAtLatest + 5000);
    expect(storyOf(pair.server).slice(1)).toEqual(['suspect: page-frozen']);
    pair.run(60_000);
    expect(storyOf(pair.server).slice(1)).toEqual(['suspect: page-frozen', 'dead: page-frozen']);
  });
});

describe('an error of our own', () => {
  /** A detector with a fault. */
  class FaultyDetector extends FixedDetector {
    override heard(): void {
      throw new TypeError('a fault');
    }
  }

  it('[HB-SEC-5] an error of our own is told once, counted apart, and is nobody’s violation', () => {
    const pair = new SimulatedPair({
      serverDetector: new FaultyDetector(),
      clientDetector: new FaultyDetector(),
    });

    pair.connect().run(1_000_000);

    for (const [side, told] of [
      [pair.serverSide, pair.server],
      [pair.clientSide, pair.client],
    ] as const) {
      expect(side.stats(pair.now)).toMatchObject({ malformed: 0, internalErrors: expect.any(Number) });
      expect(side.stats(pair.now).internalErrors).toBeGreaterThan(900);
      expect(told.faults).toHaveLength(1);
      expect(told.faults[0]).toBeInstanceOf(TypeError);
      expect(told.dropped).toEqual([]);
      expect(told.violations).toBe(0);
      expect(side.state).not.toBe('dead');
    }
  });

  it('[HB-SEC-5] an error of our own is told as an Error even where something else was thrown', () => {
    class OddDetector extends FixedDetector {
      override heard(): void {
        throw 'not an error';
      }
    }

    const pair = new SimulatedPair({ serverDetector: new OddDetector() }).connect();

    expect(pair.server.faults).toEqual([new Error('not an error')]);
  });
});

describe('numbers of pings', () => {
  const pingOf = (seq: number) =>
    encodeFrame({ type: 'ping', seq, token: 7, ack: 0, ackHold: 0, pongs: 0 }, 1);

  it('[HB-PING-5] pings that are older than the window are ignored, and are nobody’s fault', () => {
    const pair = new SimulatedPair().connect();
    const receive = (seq: number) => pair.feedClient((client, now) => client.handleFrame(pingOf(seq), now));

    receive(1000);

    const sent = pair.sentByClient.length;

    receive(872);
    receive(800);
    expect(pair.sentByClient.length).toBe(sent);
    receive(873);
    expect(pair.sentByClient.length).toBe(sent + 1);
    expect(pair.clientSide.stats(pair.now).malformed).toBe(0);
  });

  it('[HB-PING-5] the numbers of pings may have gone round while none of them arrived', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    // More than half a round is lost within a night without a path.
    pair.downlink.delay = () => undefined;
    pair.run(40_000_000).mend().run(3000);
    expect(pair.serverSide.state).toBe('alive');
    expect(pair.clientSide.state).toBe('alive');
    expect(pair.clientSide.stats(pair.now).malformed).toBe(0);
  });

  it('[HB-PONG-2] pongs may be those of the round before where a whole round was not answered', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    // Nothing that the client says arrives for longer than a round of numbers.
    pair.uplink.delay = () => undefined;
    pair.run(70_000_000);

    for (const pong of pair.sentByClient.slice(-70_000)) {
      pair.feedServer((server, now) => server.handleFrame(pong, now));
    }

    expect(pair.serverSide.state).toBe('alive');
    expect(pair.server.violations).toBe(0);
    expect(pair.serverSide.stats(pair.now).malformed).toBe(0);
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
    const { received, lastSeenAt } = pair.serverSide.stats(pair.now);

    pair.now++;
    pair.tellServer(pong);
    pair.tellServer({ ...pong, token: pong.token ^ 1 });
    pair.tellServer({ ...pong, seq: pong.seq + 1 });

    expect(pair.serverSide.stats(pair.now)).toMatchObject({ malformed: 3, received, lastSeenAt });
    expect(pair.server.dropped).toHaveLength(1);
  });

  it('[HB-SEC-1] a pong for one transport proves nothing on another', () => {
    const one = new SimulatedPair().connect();
    const other = new SimulatedPair().connect().run(3000);

    one.tellServer({ ...pongFor(other), seq: 0 });
    expect(one.serverSide.stats(one.now).malformed).toBe(1);
  });

  it('[HB-FRM-6] frames of an unknown type, or that come from the wrong side, are counted and borne', () => {
    const pair = new SimulatedPair().connect();

    for (let i = 0; i < 100; i++) {
      pair.tellServer(Uint8Array.of(1, 0x92, 99, 0));
    }

    pair.tellClient({ type: 'hello', instance: 1, hidden: 0 });

    expect(pair.serverSide.stats(pair.now).malformed).toBe(100);
    expect(pair.serverSide.state).toBe('alive');
    expect(pair.clientSide.stats(pair.now).malformed).toBe(1);
  });

  it('[HB-SEC-2] [HB-SEC-3] a flood ends in protocol-violation on either side, told once, and is deaf afterwards', () => {
    const pair = new SimulatedPair().connect();

    for (let i = 0; i < 1000; i++) {
      pair.tellServer(new Uint8Array(20));
      pair.tellClient(new Uint8Array(20));
    }

    expect(storyOf(pair.server).at(-1)).toBe('dead: protocol-violation');
    expect(storyOf(pair.client).at(-1)).toBe('dead: protocol-violation');
    expect([pair.server.violations, pair.client.violations]).toEqual([1, 1]);
    expect([pair.server.dropped.length, pair.client.dropped.length]).toEqual([1, 1]);

    const { malformed } = pair.serverSide.stats(pair.now);

    pair.run(60_000);
    pair.tellServer(pongFor(pair));
    expect(pair.serverSide.stats(pair.now).malformed).toBe(malformed);
    expect(pair.serverSide.state).toBe('dead');
  });

  it('frames that come before the acceptance are not read', () => {
    const pair = new SimulatedPair();

    pair.tellServer(new Uint8Array(1000));
    expect(pair.serverSide.stats(pair.now).malformed).toBe(0);
  });
});

describe('time', () => {
  it('[HB-JUDGE-4] in which the own process did not run is nobody’s silence', () => {
    const pair = new SimulatedPair().connect().run(10_000);
    const from = pair.now;

    pair.now += 6000;
    pair.feedServer((server, now) => server.handleStall(from, now));
    pair.feedClient((client, now) => client.handleStall(from, now));
    pair.run(10_000);

    expect(storyOf(pair.server)).toEqual(['alive: first-pong']);
    expect(storyOf(pair.client)).toEqual(['alive: first-ping']);
  });

  it('[HB-JUDGE-2] that begins anew makes nobody alive who was not heard', () => {
    const pair = new SimulatedPair().connect().run(10_000).cut().run(10_000);

    pair.feedServer((server, now) => server.expectInterruption(1000, now));
    pair.run(2000);
    expect(pair.serverSide.state).toBe('dead');
  });
});

/** Loses every n-th frame and delays the others. */
function lossEvery(n: number, delay: number): () => number | undefined {
  let frames = 0;

  return () => (++frames % n === 0 ? undefined : delay);
}
