import { PeerGroup, type State } from '@mediasoup-heartbeat/protocol';
import { describe, expect, it } from 'vitest';
import { SimulatedPair, storyOf } from '../SimulatedPair.ts';

const INTERVAL = 1000;

/** A member as the others see it. */
function fellow(state: State, misses: number | undefined, heardAt?: number) {
  return { state, misses, heardAt };
}

describe('a group', () => {
  it.each<[string, ReturnType<typeof fellow>, State]>([
    ['that fell silent together with it', fellow('dead', 50, 9500), 'dead'],
    ['that is suspect with it', fellow('suspect', 9, 10_900), 'suspect'],
    ['that has missed a single ping', fellow('suspect', 1, 9500), 'alive'],
    ['that fell silent long before it', fellow('dead', 500, 5000), 'alive'],
    ['that has been heard since', fellow('suspect', 3, 12_100), 'alive'],
    ['that is dead for another reason, and not judged', fellow('dead', undefined, 9500), 'alive'],
    ['that was never heard', fellow('dead', 50), 'alive'],
    ['that is alive', fellow('alive', 3, 9500), 'alive'],
  ])('takes over the verdict about a member %s, or not', (_, other, verdict) => {
    const group = new PeerGroup();
    const silent = fellow('alive', 5, 10_000);

    group.add(other);
    group.add(silent);
    expect(group.worstWith(silent, INTERVAL)).toBe(verdict);
    group.delete(other);
    expect(group.worstWith(silent, INTERVAL)).toBe('alive');
  });

  it('takes over no verdict for a member that is not silent itself, or was never heard', () => {
    const group = new PeerGroup();

    group.add(fellow('dead', 50, 9500));
    expect(group.worstWith(fellow('alive', 1, 10_000), INTERVAL)).toBe('alive');
    expect(group.worstWith(fellow('alive', undefined, 10_000), INTERVAL)).toBe('alive');
    expect(group.worstWith(fellow('pending', 5), INTERVAL)).toBe('alive');
  });

  it.each([
    ['has heard it two intervals later', fellow('alive', 0, 12_000), true],
    ['has heard it within two intervals', fellow('alive', 0, 11_900), false],
    ['misses an answer, too', fellow('alive', 1, 12_500), false],
    ['is not judged', fellow('alive', undefined, 12_500), false],
    ['has never heard it', fellow('pending', 0), false],
  ])('a peer is heard elsewhere if another member %s', (_, other, isHeard) => {
    const group = new PeerGroup();
    const silent = fellow('suspect', 20, 10_000);

    group.add(silent);
    group.add(other);
    expect(group.hearsPeerWithout(silent, INTERVAL)).toBe(isHeard);
  });
});

/** The two transports of one client, whose pings are `apart` ms apart. */
class TwoPaths {
  readonly first = new SimulatedPair();
  readonly second = new SimulatedPair();

  constructor(apart: number, isGroup = true) {
    const group = new PeerGroup();

    for (const pair of this.#pairs) {
      // The network stack of a page is heard, and its checks of the path.
      pair.countersOf.server = () => ({ received: pair.stackHeardBy.server ? pair.now : 0 });

      if (isGroup) {
        pair.serverSide.join(group);
      }
    }

    this.first.connect().run(apart);
    this.second.run(apart).connect();
    this.runs(30_000);

    for (const pair of this.#pairs) {
      pair.server.changes.length = 0;
      pair.client.changes.length = 0;
    }
  }

  runs(ms: number): this {
    for (let passed = 0; passed < ms; passed += 5) {
      this.first.run(5);
      this.second.run(5);
    }

    return this;
  }

  /** When the server saw each path in this state first. */
  times(state: State): number[] {
    return this.#pairs.map(
      ({ server }) => server.changes.find(change => change.state === state)?.at ?? Number.NaN,
    );
  }

  get #pairs(): [SimulatedPair, SimulatedPair] {
    return [this.first, this.second];
  }
}

describe('two transports of one client', () => {
  it.each([100, 300, 500, 700, 900])(
    'that are cut together are suspect and dead together, when the first of them alone would be, if pinged %i ms apart',
    apart => {
      const [group, alone] = [new TwoPaths(apart), new TwoPaths(apart, false)];

      for (const { first, second } of [group, alone]) {
        first.cut();
        second.cut();
      }

      group.runs(8000);
      alone.runs(8000);

      for (const state of ['suspect', 'dead'] as const) {
        const earliest = Math.min(...alone.times(state));
        const latest = Math.max(...alone.times(state));

        // The other one learns of it with its own next miss, but not before its second.
        expect(Math.min(...group.times(state))).toBe(earliest);
        expect(Math.max(...group.times(state))).toBeLessThanOrEqual(Math.min(latest, earliest + 350));
      }
    },
  );

  it('of which only one is cut: that path is dead, and the other one is alive', () => {
    const paths = new TwoPaths(300);

    paths.first.cut();
    paths.runs(20_000);
    expect(storyOf(paths.first.server)).toEqual(['suspect: missed-pings', 'dead: missed-pings']);
    expect(storyOf(paths.second.server)).toEqual([]);
    expect(storyOf(paths.second.client)).toEqual([]);
  });

  it('of which one was cut long before the other: each has its own time', () => {
    const paths = new TwoPaths(300);

    paths.first.cut();
    paths.runs(20_000);

    const from = paths.second.now;

    paths.second.cut();
    paths.runs(4000);
    expect(storyOf(paths.second.server)).toEqual(['suspect: missed-pings']);
    paths.runs(4000);
    expect(paths.times('dead')[1]).toBeGreaterThan(from + 4000);
  });

  it('that both survive an outage of 4 s alone survive it together', () => {
    for (let apart = 50; apart < 1000; apart += 50) {
      for (const begin of [0, 250, 500, 750]) {
        const paths = new TwoPaths(apart);

        paths.runs(begin);
        paths.first.cut();
        paths.second.cut();
        paths.runs(4000);
        paths.first.mend();
        paths.second.mend();
        paths.runs(2000);

        for (const { server, client } of [paths.first, paths.second]) {
          expect([...storyOf(server), ...storyOf(client)].join()).not.toContain('dead');
          expect([...storyOf(server), ...storyOf(client)].at(-1)).toBe('alive: recovered');
        }
      }
    }
  });

  it('of a page that hangs are both spared for a minute', () => {
    const paths = new TwoPaths(300);

    for (const pair of [paths.first, paths.second]) {
      pair.clientRuns = false;
      pair.stackHeardBy.server = true;
    }

    paths.runs(58_000);

    for (const pair of [paths.first, paths.second]) {
      expect(storyOf(pair.server)).toEqual(['suspect: missed-pings', 'suspect: page-unresponsive']);
    }
  });

  it('of which one answers nothing though its path is alive, while the other answers: that is no page that hangs', () => {
    const paths = new TwoPaths(300);

    paths.first.clientRuns = false;
    paths.first.stackHeardBy.server = true;
    paths.runs(10_000);
    expect(storyOf(paths.first.server)).toEqual(['suspect: missed-pings', 'dead: missed-pings']);
    expect(storyOf(paths.second.server)).toEqual([]);
  });

  it('of which one says goodbye: the other is judged by itself', () => {
    const paths = new TwoPaths(300);

    paths.first.feedClient((client, now) => client.close('transport-closed', now));
    paths.runs(5000);
    expect(storyOf(paths.first.server)).toEqual(['dead: goodbye']);
    expect(storyOf(paths.second.server)).toEqual([]);
  });
});
