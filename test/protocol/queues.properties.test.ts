import { type DetectorInput, GoodbyeCause } from '@mediasoup-heartbeat/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QueuedPair } from './QueuedPair.ts';

const HOUR = 3_600_000;
const PRESETS = ['balanced', 'fast', 'patient'] as const;
const INTERVALS = [100, 300, 1000, 3000, 15_000];
const INPUTS: DetectorInput[] = INTERVALS.flatMap(interval => PRESETS.map(preset => ({ preset, interval })));

/** What may hold frames back, or change how often they are sent. Nothing is ever lost. */
type Event =
  | { kind: 'hold' | 'release'; link: 'downlink' | 'uplink' }
  | { kind: 'stop'; side: 'server' | 'client' }
  | { kind: 'continue'; side: 'server' | 'client'; noticesFirst: boolean }
  | { kind: 'path'; alive: boolean | undefined }
  | { kind: 'freeze' | 'thaw' | 'leave' | 'return' }
  | { kind: 'hide'; hidden: boolean }
  | { kind: 'announce' | 'over'; side: 'server' | 'client' };

const side = fc.constantFrom('server' as const, 'client' as const);
const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('hold' as const, 'release' as const),
    link: fc.constantFrom('downlink' as const, 'uplink' as const),
  }),
  fc.record({ kind: fc.constant('stop' as const), side }),
  fc.record({ kind: fc.constant('continue' as const), side, noticesFirst: fc.boolean() }),
  fc.record({ kind: fc.constant('path' as const), alive: fc.constantFrom(true, false, undefined) }),
  fc.record({
    kind: fc.constantFrom('freeze' as const, 'thaw' as const, 'leave' as const, 'return' as const),
  }),
  fc.record({ kind: fc.constant('hide' as const), hidden: fc.boolean() }),
  fc.record({ kind: fc.constantFrom('announce' as const, 'over' as const), side }),
);
/** What people and browsers do takes seconds; what it leads to may last for hours. */
const pause = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 2000, max: 30_000 }) },
  { weight: 3, arbitrary: fc.integer({ min: 30_000, max: 600_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 600_000, max: 3 * HOUR }) },
);
const input: fc.Arbitrary<DetectorInput> = fc.record({
  preset: fc.constantFrom(...PRESETS),
  interval: fc.oneof(fc.constantFrom(100, 1000, 15_000), fc.integer({ min: 100, max: 15_000 })),
});

function apply(pair: QueuedPair, event: Event): void {
  const { clientSide, now } = pair;

  switch (event.kind) {
    case 'hold':
    case 'release': {
      pair[event.link].held = event.kind === 'hold';
      break;
    }
    case 'stop': {
      pair.stop(pair[event.side]);
      break;
    }
    case 'continue': {
      pair.continue(pair[event.side], event.noticesFirst);
      break;
    }
    case 'path': {
      pair.pathAlive = event.alive;
      break;
    }
    case 'announce': {
      pair.announce(event.side);
      break;
    }
    case 'over': {
      pair.endAnnounced(event.side);
      break;
    }
    default: {
      // A page does nothing while its main thread hangs, and nothing but thaw while it is frozen.
      if (event.kind === 'thaw') {
        pair.continue(pair.client);
        clientSide.thaw(now);
      } else if (pair.client.runs) {
        applyToPage(pair, event);
      }
    }
  }
}

function applyToPage(pair: QueuedPair, event: Event): void {
  const { clientSide, now } = pair;

  switch (event.kind) {
    case 'freeze': {
      clientSide.freeze(now);
      pair.stop(pair.client);
      break;
    }
    case 'leave': {
      clientSide.depart(GoodbyeCause.PageClosing, now);
      break;
    }
    case 'return': {
      clientSide.returned(now);
      break;
    }
    case 'hide': {
      clientSide.setHidden(event.hidden, now);
    }
  }
}

/** Lets everything pass and everybody run. */
function mend(pair: QueuedPair): void {
  pair.pathAlive = undefined;
  pair.downlink.held = false;
  pair.uplink.held = false;
  pair.continue(pair.server);
  pair.continue(pair.client, false);
  pair.clientSide.returned(pair.now);
  pair.clientSide.thaw(pair.now);
}

function expectHonest(pair: QueuedPair): void {
  expect([pair.server.violations, pair.client.violations]).toEqual([0, 0]);
  expect([...pair.server.dropped, ...pair.client.dropped]).toEqual([]);
}

describe('frames that are queued and never lost', () => {
  it('[HB-SEC-4] two honest sides never call each other a violation, whatever is queued between them for however long', () => {
    fc.assert(
      fc.property(input, fc.array(fc.tuple(event, pause), { maxLength: 30, size: 'max' }), (input, turns) => {
        const pair = new QueuedPair(input);

        for (const [event, ms] of turns) {
          apply(pair, event);
          pair.run(ms);
          expectHonest(pair);
        }

        mend(pair);
        pair.run(120_000 + 3 * (input.interval ?? 0));
        expectHonest(pair);
        expect(pair.states).toEqual(['alive', 'alive']);
      }),
      { numRuns: 50 },
    );
  }, 120_000);

  it.each(INPUTS)(
    '[HB-SEC-4] a page that hung for two minutes is alive within a second of continuing: %j',
    input => {
      const pair = new QueuedPair(input);

      pair.pathAlive = true;
      pair.stop(pair.client).run(120_000).continue(pair.client).run(1000);
      expectHonest(pair);
      expect(pair.states).toEqual(['alive', 'alive']);
    },
  );

  it.each(INTERVALS.flatMap(interval => (['downlink', 'uplink'] as const).map(link => ({ interval, link }))))(
    '[HB-SEC-4] a path that was stuck for two hours may deliver everything at once: %j',
    ({ link, interval }) => {
      const pair = new QueuedPair({ interval });

      pair[link].held = true;
      pair.run(2 * HOUR);
      pair[link].held = false;
      pair.run(5 * interval);
      expectHonest(pair);
      expect(pair.states).toEqual(['alive', 'alive']);
    },
    60_000,
  );
});

describe('a page that hangs', () => {
  /** How many pings wait for it after so long. */
  function waiting(input: DetectorInput, ms: number): number {
    const pair = new QueuedPair(input);
    const { sent } = pair.serverSide.stats(pair.now);

    pair.pathAlive = true;
    pair.stop(pair.client).run(ms);

    return pair.serverSide.stats(pair.now).sent - sent;
  }

  it.each(INPUTS)(
    '[HB-PING-4] a page that hangs is pinged less and less often, until it is one ping in 8 s: %j',
    input => {
      const minute = waiting(input, 60_000);

      expect(minute).toBeLessThan(50);
      expect(waiting(input, HOUR) - minute).toBeLessThanOrEqual(HOUR / 8000);
    },
  );
});
