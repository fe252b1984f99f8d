import { LocalHealth, type PathCounters, resolveDetectorOptions } from '@mediasoup-heartbeat/protocol';
import { describe, expect, it } from 'vitest';
import { FixedDetector } from '../FixedDetector.ts';
import { SimulatedPair, storyOf } from '../SimulatedPair.ts';

const FIRST_PONG_TIMEOUT = 15_000;

/** A detector that never takes an answer, so the peer stays pending while it is judged. */
class FaultyDetector extends FixedDetector {
  override heard(): void {
    throw new TypeError('a fault');
  }
}

/** A client that has accepted and is connected, but has not answered: nothing that it sends arrives. */
function accepted(counters?: () => PathCounters | undefined, pair = new SimulatedPair()): SimulatedPair {
  pair.countersOf.server = counters ?? pair.countersOf.server;
  pair.cut();
  pair.feedServer((server, now) => {
    server.accept(1, now);
    server.connected(now);
  });

  return pair;
}

describe('a client that has accepted and does not answer', () => {
  it('is dead within 6.5 s of its acceptance if its transport receives nothing', () => {
    const pair = accepted().run(resolveDetectorOptions().deadAfter);

    expect(storyOf(pair.server)).toEqual([]);
    pair.run(6500 - resolveDetectorOptions().deadAfter);
    expect(storyOf(pair.server)).toEqual(['dead: no-answer']);
    pair.run(FIRST_PONG_TIMEOUT);
    expect(storyOf(pair.server)).toEqual(['dead: no-answer']);
  });

  it('is alive after such a death as soon as it answers', () => {
    const pair = accepted().run(6500);

    pair.mend().run(2000);
    expect(storyOf(pair.server)).toEqual(['dead: no-answer', 'alive: first-pong']);
  });

  it('is waited for until `firstPongTimeout` while its network stack is heard', () => {
    const pair = accepted();

    pair.stackHeardBy.server = true;
    pair.run(FIRST_PONG_TIMEOUT - 1);
    expect(storyOf(pair.server)).toEqual([]);
    pair.run(1);
    expect(storyOf(pair.server)).toEqual(['dead: no-answer']);
  });

  it('is waited for until `firstPongTimeout` if something arrives every 2.5 s, as the path checks of a browser do', () => {
    const pair: SimulatedPair = accepted(() => ({ received: Math.floor(pair.now / 2500) }));

    pair.run(FIRST_PONG_TIMEOUT - 1);
    expect(storyOf(pair.server)).toEqual([]);
    pair.run(1);
    expect(storyOf(pair.server)).toEqual(['dead: no-answer']);
  });

  it('is waited for until `firstPongTimeout` where the counters of its transport cannot be read', () => {
    const pair = accepted(() => undefined).run(FIRST_PONG_TIMEOUT - 1);

    expect(storyOf(pair.server)).toEqual([]);
    pair.run(1);
    expect(storyOf(pair.server)).toEqual(['dead: no-answer']);
  });

  it.each([1000, 2000, 3000, 4000])('is not dead for an outage of %i ms before its first answer', outage => {
    const pair = accepted().run(outage).mend();

    pair.feedClient((client, now) => client.opened(now));
    pair.run(5000);
    expect(storyOf(pair.server)).toEqual(['alive: first-pong']);
  });

  it('is not dead for an outage of 4 s after its network stack was heard last, before the counters were read', () => {
    const pair = accepted();
    const begun = pair.now;

    pair.countersOf.server = () => {
      const elapsed = pair.now - begun;

      return { received: elapsed > 1900 && elapsed < 5900 ? 1900 : elapsed };
    };
    pair.run(FIRST_PONG_TIMEOUT - 1);
    expect(storyOf(pair.server)).toEqual([]);
  });

  it('is dead sooner than `firstPongTimeout` if its network stack falls silent, but not before an outage would be a death', () => {
    const pair = accepted();

    pair.stackHeardBy.server = true;
    pair.run(4600);
    pair.stackHeardBy.server = false;
    pair.run(4000);
    expect(storyOf(pair.server)).toEqual([]);
    pair.run(3000);
    expect(storyOf(pair.server)).toEqual(['dead: no-answer']);
  });

  it('is waited for until `firstPongTimeout` once something arrives again after 3 s of nothing', () => {
    let received = 0;
    const pair = accepted(() => ({ received })).run(5400);

    received++;
    pair.run(FIRST_PONG_TIMEOUT - 5400 - 1);
    expect(storyOf(pair.server)).toEqual([]);
    pair.run(1);
    expect(storyOf(pair.server)).toEqual(['dead: no-answer']);
  });

  it('does not make the server dead for the client, which waits for the first ping', () => {
    const pair = new SimulatedPair({ clientDetector: new FaultyDetector() }).connect().run(100_000);

    expect(pair.clientSide.stats(pair.now).evidence.path).toBe('silent');
    expect(pair.clientSide.state).toBe('pending');
  });

  it('is not dead in an announced interruption', () => {
    const pair = accepted();

    pair.feedServer((server, now) => server.expectInterruption(12_000, now));
    pair.run(11_999);
    expect(storyOf(pair.server)).toEqual([]);
    pair.run(6000);
    expect(storyOf(pair.server)).toEqual(['dead: no-answer']);
  });

  it('is not dead for a stall of the server', () => {
    const pair = accepted().run(500);

    pair.now += 20_000;
    pair.feedServer((server, now) => server.handleStall(now - 20_000, now));
    pair.run(4000);
    expect(storyOf(pair.server)).toEqual([]);
    pair.run(3000);
    expect(storyOf(pair.server)).toEqual(['dead: no-answer']);
  });

  it('is not dead while the worker does not say what the transport receives', () => {
    const pair = accepted().run(5200);

    expect(pair.serverSide.stats(pair.now).evidence.path).toBe('silent');
    pair.readsWithin.server = undefined;
    pair.run(FIRST_PONG_TIMEOUT);
    expect(storyOf(pair.server)).toEqual([]);
  });

  it('is waited for until `firstPongTimeout` while the server’s own network may be the cause', () => {
    class Unwell extends LocalHealth {
      override isWell(): boolean {
        return false;
      }
    }

    const pair = accepted(undefined, new SimulatedPair({ health: [new Unwell()] })).run(
      FIRST_PONG_TIMEOUT - 1,
    );

    expect(storyOf(pair.server)).toEqual([]);
    pair.run(1);
    expect(storyOf(pair.server)).toEqual(['dead: no-answer']);
  });

  it('is waited for until `firstPongTimeout` with a detector that survives longer outages', () => {
    const serverBounds = resolveDetectorOptions({ preset: 'patient' });
    const pair = accepted(undefined, new SimulatedPair({ serverBounds })).run(FIRST_PONG_TIMEOUT - 1);

    expect(storyOf(pair.server)).toEqual([]);
    pair.run(1);
    expect(storyOf(pair.server)).toEqual(['dead: no-answer']);
  });
});
