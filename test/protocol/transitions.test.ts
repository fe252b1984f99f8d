import { readFileSync } from 'node:fs';
import {
  type ClientEndpoint,
  decodeFrame,
  type Endpoint,
  encodeFrame,
  type Frame,
  GoodbyeCause,
  PauseCause,
  type Ping,
  type ServerEndpoint,
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
    // Nothing arrives but what the client's network stack sends, so it is waited for.
    pair.stackHeardBy.server = true;
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

type Input<E extends Endpoint = Endpoint> = (endpoint: E, now: number, pair: SimulatedPair) => void;

/** Gives a side in each state that input, and compares what becomes of it with the row. */
function expectRow(side: 'server' | 'client', input: Input<never>, expected: Row): void {
  const row = STATES.map(state => {
    const pair = pairIn(state, side);
    const endpoint = side === 'server' ? pair.serverSide : pair.clientSide;
    const { reason } = endpoint;

    expect(endpoint.state).toBe(state);
    input(endpoint as never, pair.now, pair);
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

/** Frames come. */
function hears(...frames: (Frame | Uint8Array)[]): Input {
  return (endpoint, now) => {
    for (const frame of frames) {
      endpoint.handleFrame(frame instanceof Uint8Array ? frame : encodeFrame(frame, 1), now);
    }
  };
}

describe.each(['server', 'client'] as const)('what both sides take: the %s', side => {
  it.each<[string, Input, Row]>([
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
    ['is called', (endpoint, now) => endpoint.handleTimeout(now), UNCHANGED],
    ['reads counters', (endpoint, now) => endpoint.handlePath({ received: 1 }, now), UNCHANGED],
    ['cannot read counters', (endpoint, now) => endpoint.handlePath(undefined, now), UNCHANGED],
    ['stood still', (endpoint, now) => endpoint.handleStall(now, now + 60_000), UNCHANGED],
    [
      'is told that the path is degraded',
      (endpoint, now) => endpoint.handleDegraded('ice-disconnected', now),
      closed(['=', 'suspect: ice-disconnected', '=', '=']),
    ],
    [
      'is told that the path is degraded within an interruption',
      (endpoint, now) => {
        endpoint.expectInterruption(5000, now);
        endpoint.handleDegraded('ice-disconnected', now);
      },
      UNCHANGED,
    ],
    ['expects an interruption', (endpoint, now) => void endpoint.expectInterruption(5000, now), UNCHANGED],
    [
      'ends an interruption',
      (endpoint, now) => endpoint.endInterruption(endpoint.expectInterruption(5000, now), now),
      UNCHANGED,
    ],
    ['restarts ICE', (endpoint, now) => endpoint.handleRestart(10_000, now), UNCHANGED],
    [
      'is closed',
      (endpoint, now) => endpoint.close('heartbeat-closed', now),
      all('closed: heartbeat-closed'),
    ],
  ])(`in each state the ${side} side %s`, (_, input, row) => {
    expectRow(side, input, row);
  });
});

describe('what the server side takes', () => {
  it.each<[string, Input<ServerEndpoint>, Row]>([
    [
      'hears a pong',
      (server, now, pair) => hears(...pongs(pair, 1))(server, now, pair),
      closed(['alive: first-pong', '=', '=', '=']),
    ],
    [
      'hears two pongs',
      (server, now, pair) => hears(...pongs(pair, 2))(server, now, pair),
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
      'hears nothing for long',
      (_, __, pair) => void pair.run(100_000),
      closed(['dead: no-answer', 'dead: missed-pings', 'dead: missed-pings', '=']),
    ],
    [
      'is told that ICE lost the path',
      (server, now) => server.handleIce('lost', now),
      closed(['=', 'suspect: ice-disconnected', '=', '=']),
    ],
    ['is told that ICE is up', (server, now) => server.handleIce('up', now), UNCHANGED],
    [
      'is told that ICE lost the path within an interruption',
      (server, now) => {
        server.expectInterruption(5000, now);
        server.handleIce('lost', now);
      },
      UNCHANGED,
    ],
    ['is connected', (server, now) => server.connected(now), UNCHANGED],
    [
      'is disconnected',
      (server, now) => server.disconnected('dtls-closed', now),
      closed(['dead: dtls-closed', 'dead: dtls-closed', 'dead: dtls-closed', '=']),
    ],
    ['is accepted', (server, now) => server.accept(1, now), UNCHANGED],
    [
      'is declined',
      (server, now) => server.decline('version-mismatch', now),
      all('pending: version-mismatch'),
    ],
    [
      'is declined, and disconnected',
      (server, now) => {
        server.decline('no-client-half', now);
        server.disconnected('dtls-closed', now);
      },
      all('pending: no-client-half'),
    ],
    ['says goodbye', (server, now) => server.depart(GoodbyeCause.TransportClosing, now), UNCHANGED],
  ])('in each state the server side %s', (_, input, row) => {
    expectRow('server', input, row);
  });
});

describe('what the client side takes', () => {
  const ping = (seq: number): Frame => ({ type: 'ping', seq, token: 7, ack: 0, ackHold: 0, pongs: 0 });

  it.each<[string, Input<ClientEndpoint>, Row]>([
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
      'hears of a frozen page, which a server has not',
      hears({ type: 'paused', cause: PauseCause.Frozen, duration: 0 }),
      UNCHANGED,
    ],
    [
      'hears nothing for long',
      (_, __, pair) => void pair.run(100_000),
      closed(['pending: no-answer', 'dead: missed-pings', 'dead: missed-pings', '=']),
    ],
    ['has its channel opened', (client, now) => client.opened(now), UNCHANGED],
    ['is connected', (client, now) => client.connected(now), UNCHANGED],
    [
      'is disconnected',
      (client, now) => client.disconnected('channel-closed', now),
      closed(['pending: not-connected', 'dead: channel-closed', 'dead: channel-closed', '=']),
    ],
    [
      'fails to connect within an interruption',
      (client, now) => {
        client.expectInterruption(5000, now);
        client.disconnected('connection-failed', now);
      },
      UNCHANGED,
    ],
    [
      'has no server side',
      (client, now) => client.decline('no-server-half', now),
      closed(['pending: no-server-half', '=', '=', '=']),
    ],
    [
      'gives up',
      (client, now) => client.giveUp('stream-id-taken', now),
      closed(['pending: stream-id-taken', '=', '=', '=']),
    ],
    ['is hidden', (client, now) => client.setHidden(true, now), UNCHANGED],
    ['is frozen', (client, now) => client.freeze(now), UNCHANGED],
    [
      'is frozen, and degraded',
      (client, now) => {
        client.freeze(now);
        client.handleDegraded('ice-disconnected', now);
      },
      UNCHANGED,
    ],
    ['thaws', (client, now) => client.thaw(now), UNCHANGED],
    ['leaves', (client, now) => client.depart(GoodbyeCause.PageClosing, now), UNCHANGED],
    [
      'leaves, and hears a ping',
      (client, now, pair) => {
        client.depart(GoodbyeCause.PageClosing, now);
        hears(ping(300))(client, now, pair);
      },
      UNCHANGED,
    ],
    ['returns', (client, now) => client.returned(now), UNCHANGED],
  ])('in each state the client side %s', (_, input, row) => {
    expectRow('client', input, row);
  });
});
