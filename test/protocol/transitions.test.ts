import { readFileSync } from 'node:fs';
import {
  decodeFrame,
  type Frame,
  GoodbyeCause,
  PauseCause,
  type Ping,
  type State,
} from '@mediasoup-heartbeat/protocol';
import { describe, expect, it } from 'vitest';
import { StateMachine } from '../../packages/protocol/src/endpoint/StateMachine.ts';
import { SIGNALS, TRANSITIONS } from '../../packages/protocol/src/endpoint/transitions.ts';
import { SimulatedPair } from './SimulatedPair.ts';

const STATES = ['pending', 'alive', 'suspect', 'dead', 'closed'] as const;

/** What becomes of each of STATES. '=': nothing changes. */
type Row = readonly [pending: string, alive: string, suspect: string, dead: string, closed: string];

const UNCHANGED: Row = ['=', '=', '=', '=', '='];

describe('the state machine', () => {
  const TABLE: Record<string, Row> = {
    wait: ['pending', 'pending', 'pending', 'pending', '='],
    proof: ['alive', '=', 'alive', 'alive', '='],
    suspicion: ['=', 'suspect', 'suspect', '=', '='],
    silence: ['=', 'dead', 'dead', '=', '='],
    end: ['dead', 'dead', 'dead', '=', '='],
    close: ['closed', 'closed', 'closed', 'closed', '='],
  };
  /** The signals that lead to each state. */
  const WAYS = {
    pending: [],
    alive: ['proof'],
    suspect: ['proof', 'suspicion'],
    dead: ['end'],
    closed: ['close'],
  } as const;

  it('[HB-JUDGE-1] [HB-JUDGE-2] goes from state to state by this table, and closed is final', () => {
    expect(Object.keys(TABLE)).toEqual(SIGNALS);
    expect(Object.keys(TRANSITIONS)).toEqual(STATES);

    for (const signal of SIGNALS) {
      const row = STATES.map(state => {
        const machine = new StateMachine();

        for (const before of WAYS[state]) {
          machine.signal(before, 'new', 0, 0);
        }

        expect(machine.state).toBe(state);

        const change = machine.signal(signal, 'goodbye', 1, 0);

        expect(machine.state).toBe(change?.state ?? state);
        expect(machine.reason).toBe(change === undefined ? machine.reason : 'goodbye');
        // Once told is enough.
        expect(machine.signal(signal, machine.reason, 2, 0)).toBeUndefined();

        return change === undefined ? '=' : change.state;
      });

      expect([signal, ...row]).toEqual([signal, ...(TABLE[signal] ?? [])]);
    }
  });

  it('[HB-JUDGE-1] is the table of PROTOCOL.md', () => {
    const text = readFileSync('PROTOCOL.md', 'utf8');

    for (const [index, state] of STATES.entries()) {
      const cells = SIGNALS.map(signal => TABLE[signal]?.[index]?.replace('=', '–'));

      expect(text).toContain(`| **${state}** | ${cells.join(' | ')} |`);
    }
  });
});

/** A pair of which one side is in that state. */
function pairIn(state: State, side: 'server' | 'client'): SimulatedPair {
  const pair = new SimulatedPair();

  if (state === 'pending') {
    pair.cut();
  }

  pair.connect().run(10_000);

  if (state === 'suspect' || state === 'dead') {
    pair.cut().run(state === 'dead' ? 10_000 : 2000);
  } else if (state === 'closed' && side === 'server') {
    pair.feedServer((server, now) => server.close('transport-closed', now));
  } else if (state === 'closed') {
    pair.feedClient((client, now) => client.close('transport-closed', now));
  }

  return pair.cut();
}

type Input = (pair: SimulatedPair) => void;

/** Gives a side in each state that input, and compares what becomes of it with the row. */
function expectRow(side: 'server' | 'client', input: Input, expected: Row): void {
  const row = STATES.map(state => {
    const pair = pairIn(state, side);
    const endpoint = side === 'server' ? pair.serverSide : pair.clientSide;
    const { reason } = endpoint;

    expect(endpoint.state).toBe(state);
    input(pair);
    pair.drain();
    expect(pair[side].faults).toEqual([]);
    // What is told is what is.
    expect(pair[side].changes.at(-1)?.state ?? 'pending').toBe(endpoint.state);

    return endpoint.state === state && endpoint.reason === reason
      ? '='
      : `${endpoint.state}: ${endpoint.reason}`;
  });

  expect(row).toEqual(expected);
}

/** The answers to the latest pings that were not answered, or to one that was. */
function pongs(pair: SimulatedPair, count: number): Frame[] {
  return pair.sentByServer
    .map(bytes => decodeFrame(bytes, 1))
    .filter((frame): frame is Ping => frame.type === 'ping')
    .slice(-count)
    .map(({ seq, token }) => ({ type: 'pong', seq, token, hold: 0, seen: 0 }));
}

const closed = (row: readonly string[]) => [...row, '='] as unknown as Row;
const all = (change: string) => closed([change, change, change, change]);

const flood = new Uint8Array(256_000);

describe('the server side', () => {
  const hears =
    (...frames: (Frame | Uint8Array)[]): Input =>
    pair => {
      for (const frame of frames) {
        pair.tellServer(frame);
      }
    };

  it.each<[string, Input, Row]>([
    ['hears a pong', pair => hears(...pongs(pair, 1))(pair), closed(['alive: first-pong', '=', '=', '='])],
    [
      'hears two pongs',
      pair => hears(...pongs(pair, 2))(pair),
      closed(['alive: first-pong', '=', 'alive: recovered', 'alive: recovered']),
    ],
    ['hears a forged pong', hears({ type: 'pong', seq: 0, token: 0, hold: 0, seen: 0 }), UNCHANGED],
    ['hears a hello', hears({ type: 'hello', instance: 42, hidden: 0 }), UNCHANGED],
    ['hears a hello of another client', hears({ type: 'hello', instance: 7, hidden: 1 }), UNCHANGED],
    [
      'hears a ping, which is not for it',
      hears({ type: 'ping', seq: 0, token: 0, ack: 0, ackHold: 0, pongs: 0 }),
      UNCHANGED,
    ],
    [
      'hears a report, which is not for it',
      hears({ type: 'report', state: 3, rtt: 0, downlink: 0, uplink: 0 }),
      UNCHANGED,
    ],
    [
      'hears that the page closes',
      hears({ type: 'goodbye', cause: GoodbyeCause.PageClosing }),
      closed(['dead: goodbye', 'dead: goodbye', 'dead: goodbye', '=']),
    ],
    [
      'hears that the transport closes',
      hears({ type: 'goodbye', cause: GoodbyeCause.TransportClosing }),
      closed(['dead: goodbye', 'dead: goodbye', 'dead: goodbye', '=']),
    ],
    [
      'hears that the heartbeat is switched off',
      hears({ type: 'goodbye', cause: GoodbyeCause.HeartbeatOff }),
      all('pending: no-client-half'),
    ],
    [
      'hears that the page is frozen',
      hears({ type: 'paused', cause: PauseCause.Frozen, duration: 0 }),
      closed(['=', 'suspect: page-frozen', 'suspect: page-frozen', '=']),
    ],
    [
      'hears that the page was frozen',
      hears(
        { type: 'paused', cause: PauseCause.Frozen, duration: 0 },
        { type: 'resumed', cause: PauseCause.Frozen },
      ),
      closed(['=', 'suspect: page-frozen', 'suspect: page-frozen', '=']),
    ],
    [
      'hears that the page is hidden',
      hears({ type: 'paused', cause: PauseCause.Hidden, duration: 0 }),
      UNCHANGED,
    ],
    ['hears that the page is visible', hears({ type: 'resumed', cause: PauseCause.Hidden }), UNCHANGED],
    [
      'hears of an interruption',
      hears({ type: 'paused', cause: PauseCause.Interruption, duration: 5000 }),
      UNCHANGED,
    ],
    ['hears that it is over', hears({ type: 'resumed', cause: PauseCause.Interruption }), UNCHANGED],
    ['hears a frame of an unknown type', hears(Uint8Array.of(1, 0x92, 99, 0)), UNCHANGED],
    ['hears what is no frame', hears(new Uint8Array(20)), UNCHANGED],
    [
      'hears far too much',
      hears(flood, flood),
      closed(['dead: protocol-violation', 'dead: protocol-violation', 'dead: protocol-violation', '=']),
    ],
    ['is called', pair => pair.serverSide.handleTimeout(pair.now), UNCHANGED],
    [
      'hears nothing for long',
      pair => void pair.run(100_000),
      closed(['dead: no-answer', 'dead: missed-pings', 'dead: missed-pings', '=']),
    ],
    ['reads counters', pair => pair.serverSide.handlePath({ received: 1 }, pair.now), UNCHANGED],
    ['cannot read counters', pair => pair.serverSide.handlePath(undefined, pair.now), UNCHANGED],
    ['stood still', pair => pair.serverSide.handleStall(pair.now, pair.now + 60_000), UNCHANGED],
    [
      'is told that the path is degraded',
      pair => pair.serverSide.handleDegraded('ice-disconnected', pair.now),
      closed(['=', 'suspect: ice-disconnected', '=', '=']),
    ],
    [
      'is told that ICE lost the path',
      pair => pair.serverSide.handleIce('lost', pair.now),
      closed(['=', 'suspect: ice-disconnected', '=', '=']),
    ],
    ['is told that ICE is up', pair => pair.serverSide.handleIce('up', pair.now), UNCHANGED],
    [
      'is told that ICE lost the path within an interruption',
      pair => {
        pair.serverSide.expectInterruption(5000, pair.now);
        pair.serverSide.handleIce('lost', pair.now);
      },
      UNCHANGED,
    ],
    ['is connected', pair => pair.serverSide.connected(pair.now), UNCHANGED],
    [
      'is disconnected',
      pair => pair.serverSide.disconnected('dtls-closed', pair.now),
      closed(['dead: dtls-closed', 'dead: dtls-closed', 'dead: dtls-closed', '=']),
    ],
    ['is accepted', pair => pair.serverSide.accept(1, pair.now), UNCHANGED],
    [
      'is declined',
      pair => pair.serverSide.decline('version-mismatch', pair.now),
      all('pending: version-mismatch'),
    ],
    [
      'is declined, and disconnected',
      pair => {
        pair.serverSide.decline('no-client-half', pair.now);
        pair.serverSide.disconnected('dtls-closed', pair.now);
      },
      all('pending: no-client-half'),
    ],
    ['expects an interruption', pair => void pair.serverSide.expectInterruption(5000, pair.now), UNCHANGED],
    [
      'ends an interruption',
      pair => pair.serverSide.endInterruption(pair.serverSide.expectInterruption(5000, pair.now), pair.now),
      UNCHANGED,
    ],
    ['restarts ICE', pair => pair.serverSide.handleRestart(10_000, pair.now), UNCHANGED],
    ['says goodbye', pair => pair.serverSide.depart(GoodbyeCause.TransportClosing, pair.now), UNCHANGED],
    ['is closed', pair => pair.serverSide.close('router-closed', pair.now), all('closed: router-closed')],
  ])('%s', (_, input, row) => {
    expectRow('server', input, row);
  });
});

describe('the client side', () => {
  const hears =
    (...frames: (Frame | Uint8Array)[]): Input =>
    pair => {
      for (const frame of frames) {
        pair.tellClient(frame);
      }
    };
  const ping = (seq: number): Frame => ({ type: 'ping', seq, token: 7, ack: 0, ackHold: 0, pongs: 0 });

  it.each<[string, Input, Row]>([
    ['hears a ping', hears(ping(300)), closed(['alive: first-ping', '=', 'alive: recovered', '='])],
    [
      'hears two pings',
      hears(ping(300), ping(301)),
      closed(['alive: first-ping', '=', 'alive: recovered', 'alive: recovered']),
    ],
    [
      'hears a ping twice',
      hears(ping(300), ping(300)),
      closed(['alive: first-ping', '=', 'alive: recovered', '=']),
    ],
    ['hears a report', hears({ type: 'report', state: 3, rtt: 0, downlink: 0, uplink: 0 }), UNCHANGED],
    [
      'hears a pong, which is not for it',
      hears({ type: 'pong', seq: 0, token: 0, hold: 0, seen: 0 }),
      UNCHANGED,
    ],
    ['hears a hello, which is not for it', hears({ type: 'hello', instance: 42, hidden: 0 }), UNCHANGED],
    [
      'hears that the transport closes',
      hears({ type: 'goodbye', cause: GoodbyeCause.TransportClosing }),
      closed(['dead: goodbye', 'dead: goodbye', 'dead: goodbye', '=']),
    ],
    [
      'hears that the heartbeat is switched off',
      hears({ type: 'goodbye', cause: GoodbyeCause.HeartbeatOff }),
      all('pending: no-server-half'),
    ],
    [
      'hears that the heartbeat is switched off, and a ping that was sent before',
      hears({ type: 'goodbye', cause: GoodbyeCause.HeartbeatOff }, ping(300)),
      all('pending: no-server-half'),
    ],
    [
      'hears of an interruption',
      hears({ type: 'paused', cause: PauseCause.Interruption, duration: 5000 }),
      UNCHANGED,
    ],
    ['hears that it is over', hears({ type: 'resumed', cause: PauseCause.Interruption }), UNCHANGED],
    [
      'hears of a frozen page, which a server has not',
      hears({ type: 'paused', cause: PauseCause.Frozen, duration: 0 }),
      UNCHANGED,
    ],
    ['hears a frame of an unknown type', hears(Uint8Array.of(1, 0x92, 99, 0)), UNCHANGED],
    ['hears what is no frame', hears(new Uint8Array(20)), UNCHANGED],
    [
      'hears far too much',
      hears(flood, flood),
      closed(['dead: protocol-violation', 'dead: protocol-violation', 'dead: protocol-violation', '=']),
    ],
    ['is called', pair => pair.clientSide.handleTimeout(pair.now), UNCHANGED],
    [
      'hears nothing for long',
      pair => void pair.run(100_000),
      closed(['pending: no-answer', 'dead: missed-pings', 'dead: missed-pings', '=']),
    ],
    ['reads counters', pair => pair.clientSide.handlePath({ received: 1 }, pair.now), UNCHANGED],
    ['cannot read counters', pair => pair.clientSide.handlePath(undefined, pair.now), UNCHANGED],
    ['stood still', pair => pair.clientSide.handleStall(pair.now, pair.now + 60_000), UNCHANGED],
    [
      'is told that the path is degraded',
      pair => pair.clientSide.handleDegraded('ice-disconnected', pair.now),
      closed(['=', 'suspect: ice-disconnected', '=', '=']),
    ],
    [
      'is told that the path is degraded within an interruption',
      pair => {
        pair.clientSide.expectInterruption(5000, pair.now);
        pair.clientSide.handleDegraded('ice-disconnected', pair.now);
      },
      UNCHANGED,
    ],
    ['has its channel opened', pair => pair.clientSide.opened(pair.now), UNCHANGED],
    ['is connected', pair => pair.clientSide.connected(pair.now), UNCHANGED],
    [
      'is disconnected',
      pair => pair.clientSide.disconnected('channel-closed', pair.now),
      closed(['pending: not-connected', 'dead: channel-closed', 'dead: channel-closed', '=']),
    ],
    [
      'fails to connect within an interruption',
      pair => {
        pair.clientSide.expectInterruption(5000, pair.now);
        pair.clientSide.disconnected('connection-failed', pair.now);
      },
      UNCHANGED,
    ],
    [
      'has no server side',
      pair => pair.clientSide.decline('no-server-half', pair.now),
      closed(['pending: no-server-half', '=', '=', '=']),
    ],
    [
      'gives up',
      pair => pair.clientSide.giveUp('stream-id-taken', pair.now),
      closed(['pending: stream-id-taken', '=', '=', '=']),
    ],
    ['is hidden', pair => pair.clientSide.setHidden(true, pair.now), UNCHANGED],
    ['is frozen', pair => pair.clientSide.freeze(pair.now), UNCHANGED],
    [
      'is frozen, and degraded',
      pair => {
        pair.clientSide.freeze(pair.now);
        pair.clientSide.handleDegraded('ice-disconnected', pair.now);
      },
      UNCHANGED,
    ],
    ['thaws', pair => pair.clientSide.thaw(pair.now), UNCHANGED],
    ['leaves', pair => pair.clientSide.depart(GoodbyeCause.PageClosing, pair.now), UNCHANGED],
    [
      'leaves, and hears a ping',
      pair => {
        pair.clientSide.depart(GoodbyeCause.PageClosing, pair.now);
        pair.tellClient(ping(300));
      },
      UNCHANGED,
    ],
    ['returns', pair => pair.clientSide.returned(pair.now), UNCHANGED],
    ['expects an interruption', pair => void pair.clientSide.expectInterruption(5000, pair.now), UNCHANGED],
    [
      'ends an interruption',
      pair => pair.clientSide.endInterruption(pair.clientSide.expectInterruption(5000, pair.now), pair.now),
      UNCHANGED,
    ],
    ['restarts ICE', pair => pair.clientSide.handleRestart(10_000, pair.now), UNCHANGED],
    [
      'is closed',
      pair => pair.clientSide.close('heartbeat-closed', pair.now),
      all('closed: heartbeat-closed'),
    ],
  ])('%s', (_, input, row) => {
    expectRow('client', input, row);
  });
});
