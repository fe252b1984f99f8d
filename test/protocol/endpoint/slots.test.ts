import {
  createAdaptiveDetector,
  decodeFrame,
  encodeFrame,
  resolveDetectorOptions,
  ServerEndpoint,
} from '@mediasoup-heartbeat/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loops, slotOf } from '../../../packages/server/src/loops.ts';

const SLOT = 50;
const RTT = 20;

/** When pings left, by the caller's clock. */
function pingsOf(
  { phase, slot, start }: { phase: number; slot: number; start: number },
  { answeredUntil, until }: { answeredUntil: number; until: number },
) {
  const bounds = resolveDetectorOptions();
  const endpoint = new ServerEndpoint({
    bounds,
    detector: createAdaptiveDetector(bounds, 'server'),
    firstPongTimeout: 15_000,
    frozenTimeout: 60_000,
    phase,
    ...(slot > 0 && { slot: () => slot }),
    random: () => 7,
    now: start,
  });
  const pings: number[] = [];
  let answers: { at: number; frame: Uint8Array }[] = [];

  const settle = (now: number) => {
    for (let bytes = endpoint.pollTransmit(); bytes !== undefined; bytes = endpoint.pollTransmit()) {
      const frame = decodeFrame(bytes, 1);

      if (frame.type === 'ping') {
        const { seq, token } = frame;

        pings.push(now);
        answers.push({
          at: now + RTT,
          frame: encodeFrame({ type: 'pong', seq, token, hold: 0, seen: 0 }, 1),
        });
      }
    }

    if (endpoint.pollPathProbe()) {
      endpoint.handlePath({ received: 0 }, now);
    }
  };

  endpoint.connected(start);
  endpoint.accept(1, start);
  settle(start);

  for (let now = start; now < start + until; ) {
    const [answer] = answers;

    if (answer !== undefined && answer.at <= endpoint.nextTimeout) {
      now = answer.at;
      answers = answers.slice(1);

      if (now < start + answeredUntil) {
        endpoint.handleFrame(answer.frame, now);
      }
    } else {
      now = endpoint.nextTimeout;
      endpoint.handleTimeout(now);
    }

    settle(now);
  }

  return { pings, state: endpoint.state };
}

describe('slots', () => {
  it('regular pings leave at multiples of the slot, once an interval, at most a slot later than without slots', () => {
    fc.assert(
      fc.property(
        // A second ping that is due sooner may be left out, as the first one has just left.
        fc.double({ min: 2 * SLOT, max: 1000, noNaN: true }),
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        (phase, start) => {
          // On the border of two slots, rounding decides.
          fc.pre(Math.abs(((start + phase) % SLOT) - SLOT / 2) < SLOT / 2 - 1);

          const span = { answeredUntil: 10_000, until: 10_000 };
          const [, ...regular] = pingsOf({ phase, slot: SLOT, start }, span).pings;
          const [, ...exact] = pingsOf({ phase, slot: 0, start }, span).pings;

          expect(regular.length).toBeGreaterThan(8);

          for (const [index, at] of regular.entries()) {
            expect(at / SLOT).toBeCloseTo(Math.round(at / SLOT), 4);
            expect(at - (regular[index - 1] ?? at - 1000)).toBeCloseTo(1000, 3);
            expect(at - (exact[index] ?? at)).toBeGreaterThan(-0.01);
            expect(at - (exact[index] ?? at)).toBeLessThan(SLOT);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('probes of a silent peer do not wait for a slot', () => {
    const { pings, state } = pingsOf(
      { phase: 1000, slot: SLOT, start: 0 },
      { answeredUntil: 5_000, until: 12_000 },
    );
    const silent = pings.filter(at => at > 6_000);

    expect(state).toBe('dead');
    expect(silent.some(at => Math.abs(at / SLOT - Math.round(at / SLOT)) > 0.01)).toBe(true);
  });

  it.each([100, 125, 333, 1000, 15_000])(
    'an interval of %d ms has a whole number of slots, at least 20',
    interval => {
      const slots = interval / slotOf(interval, 1);

      expect(slots).toBeCloseTo(Math.round(slots), 6);
      expect(Math.round(slots)).toBeGreaterThanOrEqual(20);
      expect(slotOf(interval, 1)).toBeLessThan(SLOT * 1.1);
    },
  );

  it('more heartbeats have shorter slots, each part of a longer one, down to 5 ms', () => {
    const slots = [1, 200, 500, 1000, 10_000].map(heartbeats => slotOf(1000, heartbeats));

    expect(slots).toEqual([50, 50, 25, 12.5, 6.25]);
  });

  it('what is due in the same millisecond wakes a server once', async () => {
    const { now, createTimer, afterInput } = loops.surroundings;
    const dueAt = Math.ceil(now()) + 30;
    const order: string[] = [];
    const wake = (name: string) => () => {
      order.push(`${name} is due`);
      afterInput(() => order.push(`${name} runs`), false);
    };

    const timers = ['one', 'another', 'a cancelled one'].map(name => createTimer(wake(name)));

    // All in the same part of a millisecond: a busy machine may stop between two of them.
    for (let from = -1; now() - from > 0.4; ) {
      from = now();

      for (const timer of timers) {
        timer.set(dueAt - 0.5 - from);
      }
    }

    timers[2]?.clear();
    await new Promise<void>(resolve => createTimer(() => afterInput(resolve, false)).set(dueAt + 5 - now()));

    expect(now()).toBeGreaterThanOrEqual(dueAt);
    expect(order).toEqual(['one is due', 'another is due', 'one runs', 'another runs']);
  });

  it('one that throws keeps none of the others from running', async () => {
    const { afterInput } = loops.surroundings;
    const thrown = new Promise(resolve => process.once('uncaughtException', resolve));
    const listeners = process.listeners('uncaughtException').slice(0, -1);

    // vitest would take it for a failure.
    for (const listener of listeners) {
      process.off('uncaughtException', listener);
    }

    afterInput(() => {
      throw new Error('of a test');
    }, false);
    await new Promise<void>(resolve => afterInput(resolve, false));
    expect(await thrown).toMatchObject({ message: 'of a test' });

    for (const listener of listeners) {
      process.on('uncaughtException', listener);
    }
  });
});
