import {
  type Endpoint,
  GoodbyeCause,
  type Interruption,
  resolveDetectorOptions,
  type StateChange,
} from '@mediasoup-heartbeat/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SimulatedPair, type Told } from '../SimulatedPair.ts';
import { hold } from './hold.ts';

const BOUNDS = resolveDetectorOptions();

/** Times are rounded when they are converted between the clocks: see INSTANT. */
const ROUNDING = 0.01;

/** Why a peer is dead without a word about silence: each has to have happened. */
const WORDS = ['goodbye', 'dtls-closed', 'connection-failed'];

/** What may happen to both sides, in any order. Times in ms. */
type Event =
  | { kind: 'run'; ms: number }
  | { kind: 'network'; down: number | undefined; up: number | undefined }
  | { kind: 'hang'; side: 'server' | 'client'; ms: number }
  | { kind: 'suspend'; ms: number }
  | { kind: 'stack'; isHeard: boolean }
  | { kind: 'trouble' | 'freeze' | 'thaw' | 'leave' | 'return' | 'disconnect' | 'connect' }
  | { kind: 'interruption'; side: 'server' | 'client'; ms: number }
  | { kind: 'over' | 'restart' | 'reconnect'; side: 'server' | 'client' }
  | { kind: 'hide'; hidden: boolean }
  | { kind: 'step'; ms: number }
  | { kind: 'close'; side: 'server' | 'client' };

const side = fc.constantFrom('server' as const, 'client' as const);
const ms = fc.oneof(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 70_000 }));
const delay = fc.option(fc.oneof(fc.nat(100), fc.nat(4000)), { nil: undefined });

const run = fc.record({ kind: fc.constant('run' as const), ms });
const network = fc.record({ kind: fc.constant('network' as const), down: delay, up: delay });
const hang = fc.record({ kind: fc.constant('hang' as const), side, ms });
const suspend = fc.record({ kind: fc.constant('suspend' as const), ms });
const word = fc.record({
  kind: fc.constantFrom(
    'trouble' as const,
    'freeze' as const,
    'thaw' as const,
    'leave' as const,
    'return' as const,
    'disconnect' as const,
    'connect' as const,
  ),
});
const others = fc.oneof(
  fc.record({ kind: fc.constant('stack' as const), isHeard: fc.boolean() }),
  fc.record({ kind: fc.constant('interruption' as const), side, ms }),
  fc.record({
    kind: fc.constantFrom('over' as const, 'restart' as const, 'reconnect' as const),
    side,
  }),
  fc.record({ kind: fc.constant('hide' as const), hidden: fc.boolean() }),
);
/** Steps that are as short as an interval are in ClientWalk: SimulatedPair's timers follow the clock. */
const step = fc.record({
  kind: fc.constant('step' as const),
  ms: fc.oneof(fc.integer({ min: -1e7, max: 0 }), fc.integer({ min: 3000, max: 1e7 })),
});
const close = fc.record({ kind: fc.constant('close' as const), side });

const size = { maxLength: 25, size: 'max' } as const;

// To make a failing walk of this length as short as possible would take many minutes.
fc.configureGlobal({ interruptAfterTimeLimit: 25_000 });
const anything = fc.array(
  fc.oneof({ weight: 6, arbitrary: run }, { weight: 3, arbitrary: network }, hang, suspend, word, others),
  size,
);

/** Both sides, and all that has to hold of them at any time. */
class PairWalk {
  readonly pair = new SimulatedPair();
  readonly #said = new Set<string>();
  readonly #interruptions = { server: [] as Interruption[], client: [] as Interruption[] };
  readonly #seen = { server: 0, client: 0 };
  readonly #silence = { server: { heard: 0, silentFor: 0 }, client: { heard: 0, silentFor: 0 } };
  /** Whether the clock was ever set: then it does not tell how long a silence lasted. */
  #clockLied = false;
  /** Whether silence was ever announced: judging then begins anew, at another time than a last late frame came. */
  #announced = false;
  #begun: number;

  constructor() {
    this.pair.connect();
    this.#begun = this.pair.now;
  }

  apply(event: Event): this {
    const { pair } = this;

    switch (event.kind) {
      case 'run': {
        this.run(event.ms);
        break;
      }
      case 'network': {
        pair.downlink.delay = () => event.down;
        pair.uplink.delay = () => event.up;
        break;
      }
      case 'hang': {
        this.#hang(event.side, event.ms);
        break;
      }
      case 'suspend': {
        const from = pair.now;

        pair.now += event.ms;
        pair.serverSide.handleStall(from, pair.now);
        pair.clientSide.handleStall(from, pair.now);
        break;
      }
      case 'stack': {
        pair.stackHeardBy.server = event.isHeard;
        pair.stackHeardBy.client = event.isHeard;
        break;
      }
      case 'interruption': {
        this.#announced = true;
        this.#interruptions[event.side].push(this.#of(event.side).expectInterruption(event.ms, pair.now));
        break;
      }
      case 'over': {
        const interruption = this.#interruptions[event.side].shift();

        if (interruption !== undefined) {
          this.#of(event.side).endInterruption(interruption, pair.now);
        }

        break;
      }
      case 'restart': {
        this.#announced = true;
        this.#of(event.side).handleRestart(10_000, pair.now);
        break;
      }
      case 'reconnect': {
        if (event.side === 'server') {
          pair.serverSide.handleIce('up', pair.now);
        } else {
          pair.clientSide.connected(pair.now);
        }

        break;
      }
      case 'hide': {
        pair.clientSide.setHidden(event.hidden, pair.now);
        break;
      }
      case 'step': {
        pair.now += event.ms;
        this.#clockLied = true;

        // Real timers do not follow a clock that is set back. These would not fire for hours, as if nobody ran.
        if (event.ms < 0) {
          pair.serverSide.handleTimeout(pair.now);
          pair.clientSide.handleTimeout(pair.now);
        }

        break;
      }
      case 'close': {
        this.#said.add('goodbye');
        this.#of(event.side).close('transport-closed', pair.now);
        break;
      }
      default: {
        this.#word(event.kind);
      }
    }

    pair.drain();
    this.check();

    return this;
  }

  /** Lets time pass, and looks at everything now and then. */
  run(duration: number): this {
    for (let left = duration; left > 0; left -= 500) {
      this.pair.run(Math.min(500, left));
      this.check();
    }

    return this;
  }

  /** Puts right whatever went wrong: late frames arrive, nothing is lost any more, and everybody comes back. */
  mend(): this {
    const { pair } = this;

    pair.downlink.delay = () => 10;
    pair.uplink.delay = () => 15;
    this.run(5000);
    pair.serverSide.connected(pair.now);
    pair.clientSide.opened(pair.now);
    pair.clientSide.returned(pair.now);
    pair.clientSide.thaw(pair.now);
    pair.drain();

    return this;
  }

  check(): void {
    this.#checkSide('server', this.pair.server, this.pair.serverSide);
    this.#checkSide('client', this.pair.client, this.pair.clientSide);
  }

  #of(name: 'server' | 'client'): Endpoint {
    return name === 'server' ? this.pair.serverSide : this.pair.clientSide;
  }

  #hang(name: 'server' | 'client', duration: number): void {
    const { pair } = this;
    const runs = name === 'server' ? 'serverRuns' : 'clientRuns';
    const from = pair.now;

    pair[runs] = false;
    this.run(duration);
    pair[runs] = true;
    this.#of(name).handleStall(from, pair.now);
  }

  #word(kind: 'trouble' | 'freeze' | 'thaw' | 'leave' | 'return' | 'disconnect' | 'connect'): void {
    const { serverSide: server, clientSide: client, now } = this.pair;

    switch (kind) {
      case 'trouble': {
        server.handleIce('lost', now);
        client.handleDegraded('ice-disconnected', now);
        break;
      }
      case 'freeze': {
        this.#announced = true;
        client.freeze(now);
        break;
      }
      case 'thaw': {
        client.thaw(now);
        break;
      }
      case 'leave': {
        this.#announced = true;
        this.#said.add('goodbye');
        client.depart(GoodbyeCause.PageClosing, now);
        break;
      }
      case 'return': {
        client.returned(now);
        break;
      }
      case 'disconnect': {
        this.#said.add('dtls-closed').add('connection-failed');
        server.disconnected('dtls-closed', now);
        client.disconnected('connection-failed', now);
        break;
      }
      case 'connect': {
        server.connected(now);
        client.opened(now);
      }
    }
  }

  #checkSide(name: 'server' | 'client', told: Told, owner: Endpoint): void {
    for (; this.#seen[name] < told.changes.length; this.#seen[name]++) {
      this.#checkChange(told.changes[this.#seen[name]] as StateChange, told.changes[this.#seen[name] - 1]);
    }

    this.#checkFigures(name, owner);
  }

  #checkChange(change: StateChange, last: StateChange | undefined): void {
    const { state, previous, reason, at, silentFor } = change;
    const what = `${previous} to ${state}: ${reason}, silent for ${silentFor}`;
    const silent = this.#clockLied || this.#announced ? Number.POSITIVE_INFINITY : silentFor + ROUNDING;

    hold(previous === (last?.state ?? 'pending'), `a change was not told before ${what}`);
    hold(previous !== 'closed', `closed is final, but ${what}`);
    hold(state !== previous || reason !== last?.reason, `told twice: ${what}`);
    hold(silentFor >= 0, `negative: ${what}`);

    if (state === 'alive') {
      hold(this.#clockLied || silentFor <= at - (last?.at ?? 0), `alive without a word: ${what}`);
    } else if (state === 'dead' && WORDS.includes(reason)) {
      hold(this.#said.has(reason), `nobody said so: ${what}`);
    } else if (state === 'dead' && reason === 'no-answer') {
      hold(this.#clockLied || at - this.#begun >= BOUNDS.deadAfter, `too soon: ${what}`);
    } else if (state === 'dead') {
      hold(silent >= BOUNDS.deadAfter, `too soon: ${what}`);
    } else if (state === 'suspect' && previous !== 'suspect' && reason === 'missed-pings') {
      hold(silent >= BOUNDS.suspectAfter, `too soon: ${what}`);
    }
  }

  #checkFigures(name: 'server' | 'client', owner: Endpoint): void {
    const stats = owner.stats(this.pair.now);
    const { missed, deadline, suspicion } = stats.evidence;
    const before = this.#silence[name];
    const heard = stats.lastSeenAt ?? 0;

    hold(Number.isFinite(missed + deadline + suspicion), 'the evidence is numbers');
    hold(suspicion >= 0 && suspicion <= 1, 'suspicion is in its range');
    hold(stats.silentFor >= 0, 'nobody was silent for less than no time');

    if (heard === before.heard && !this.#clockLied) {
      hold(stats.silentFor >= before.silentFor, 'silence that was not broken grows');
    }

    this.#silence[name] = { heard, silentFor: stats.silentFor };
  }
}

function walk(events: readonly Event[]): PairWalk {
  const peers = new PairWalk();

  for (const event of events) {
    peers.apply(event);
  }

  return peers;
}

describe('two sides, in any order of events,', () => {
  it('keep their invariants', () => {
    fc.assert(
      fc.property(anything, events => {
        walk(events);
      }),
      { numRuns: 300 },
    );
  });

  it('keep them where the clock lies', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(run, network, hang, step, word, others), size), events => {
        walk(events);
      }),
      { numRuns: 200 },
    );
  });

  it('find back to each other once all is mended, with nothing left over', () => {
    fc.assert(
      fc.property(anything, events => {
        // Announced interruptions, spared pages and late frames are over by then.
        const { pair } = walk(events).mend().run(150_000);

        expect(pair.serverSide.state).toBe('alive');
        expect(pair.clientSide.state).toBe('alive');
      }),
      { numRuns: 150 },
    );
  });

  it('find each other dead once nothing passes any more', () => {
    fc.assert(
      fc.property(anything, events => {
        const { pair } = walk(events).mend().run(130_000);

        pair.cut().run(BOUNDS.unresponsiveAfter + 5000);
        expect(pair.serverSide.state).toBe('dead');
        expect(pair.clientSide.state).toBe('dead');
      }),
      { numRuns: 100 },
    );
  });

  it('are closed for good when they are closed', () => {
    fc.assert(
      fc.property(anything, close, anything, (before, end, after) => {
        const { pair } = walk([...before, end, ...after]);
        const closed = end.side === 'server' ? pair.serverSide : pair.clientSide;
        const told = pair[end.side].changes;

        expect(closed.state).toBe('closed');
        expect(told.filter(({ state }) => state === 'closed')).toHaveLength(1);
        expect(told.at(-1)?.state).toBe('closed');
      }),
      { numRuns: 200 },
    );
  });
});

/** It once cost the client a suspicion: a clock that is set back and, a moment later, forth by a little more. */
const TO_AND_FRO: [number, Event][] = [
  [2975, { kind: 'step', ms: -7_042_059 }],
  [2000, { kind: 'step', ms: 7_042_656 }],
  [20_000, { kind: 'step', ms: -494_084 }],
  [2014, { kind: 'step', ms: -9_999_992 }],
  [19_998, { kind: 'step', ms: 6_436_516 }],
  [14_728, { kind: 'step', ms: 9_349_729 }],
];

describe('two sides that are well', () => {
  const well = (faults: fc.Arbitrary<Event>) =>
    fc.array(fc.tuple(fc.integer({ min: 2000, max: 20_000 }), faults), { maxLength: 20, size: 'max' });

  it.each([
    { fault: 'own pauses', faults: suspend, examples: [] },
    { fault: 'a clock that goes backwards or jumps', faults: step, examples: [[TO_AND_FRO]] },
  ] as const)('judge nobody for $fault', ({ faults, examples }) => {
    fc.assert(
      fc.property(well(faults), turns => {
        const { pair } = walk(turns.flatMap(([time, fault]): Event[] => [{ kind: 'run', ms: time }, fault]));

        expect(pair.server.changes.map(({ state }) => state)).toEqual(['alive']);
        expect(pair.client.changes.map(({ state }) => state)).toEqual(['alive']);
      }),
      { numRuns: 200, examples: [...examples] },
    );
  });
});
