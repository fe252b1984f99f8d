import { type Frame, type Interruption, resolveDetectorOptions } from '@mediasoup-heartbeat/protocol';
import { describe, expect, it } from 'vitest';
import { Interruptions } from '../../packages/protocol/src/endpoint/Interruptions.ts';
import { SimulatedPair, storyOf } from './SimulatedPair.ts';

const RESTART = 10_000;

/** What happens at a time, in ms. `end` ends our own announcement of that number, counted from 0. */
type Step = [at: number, what: 'announce' | 'peer' | 'proof' | 'end', argument: number] | [number, string];

/** Plays the steps, and says when the verdict is held no more, and what the peer was told. */
function play(steps: Step[]): { heldUntil: number; told: string[]; over: number } {
  const told: string[] = [];
  const own: Interruption[] = [];
  let over = 0;
  let heldUntil = Number.NaN;
  let now = 0;
  const interruptions = new Interruptions({
    send: (frame: Frame) =>
      told.push(`${now}: ${frame.type}${frame.type === 'paused' ? ` ${frame.duration}` : ''}`),
    interruptionsOver: at => {
      over++;
      heldUntil = at;
    },
  });

  const runTo = (until: number) => {
    while (interruptions.nextAt <= until) {
      now = interruptions.nextAt;
      interruptions.expire(now);
    }

    now = until;
  };

  interruptions.proven(0);

  for (const [at, what, argument = 0] of steps) {
    runTo(at);

    const acts: Record<string, () => void> = {
      announce: () => own.push(interruptions.announce(argument, now)),
      restart: () => interruptions.announceRestart(RESTART, now),
      reconnected: () => interruptions.reconnected(now),
      end: () => interruptions.end(own[argument] as Interruption, now),
      peer: () => interruptions.peerAnnounced(argument, now),
      resumed: () => interruptions.peerResumed(now),
      proof: () => interruptions.proven(argument),
    };

    acts[what]?.();
  }

  while (interruptions.isHeld) {
    runTo(interruptions.nextAt);
  }

  return { heldUntil, told, over };
}

describe('interruptions', () => {
  it.each<[title: string, steps: Step[], heldUntil: number]>([
    ['one of 10 s', [[0, 'announce', 10_000]], 10_000],
    [
      'one that is ended',
      [
        [0, 'announce', 10_000],
        [3000, 'end', 0],
      ],
      3000,
    ],
    [
      '30 s, then an ICE restart',
      [
        [0, 'announce', 30_000],
        [1, 'restart'],
      ],
      30_000,
    ],
    [
      'an ICE restart, then 30 s',
      [
        [0, 'restart'],
        [1, 'announce', 30_000],
      ],
      30_000,
    ],
    [
      '30 s, then an ICE restart that reconnects',
      [
        [0, 'announce', 30_000],
        [1, 'restart'],
        [4000, 'reconnected'],
      ],
      30_000,
    ],
    [
      '30 s, and a reconnect without any ICE restart',
      [
        [0, 'announce', 30_000],
        [4000, 'reconnected'],
      ],
      30_000,
    ],
    [
      'an ICE restart that reconnects',
      [
        [0, 'restart'],
        [4000, 'reconnected'],
      ],
      4000,
    ],
    [
      'an ICE restart that reconnects twice',
      [
        [0, 'restart'],
        [4000, 'reconnected'],
        [5000, 'reconnected'],
      ],
      4000,
    ],
    [
      'two, the longer of which is ended',
      [
        [0, 'announce', 30_000],
        [0, 'announce', 10_000],
        [1000, 'end', 0],
      ],
      10_000,
    ],
    [
      'two, the shorter of which is ended',
      [
        [0, 'announce', 30_000],
        [0, 'announce', 10_000],
        [1000, 'end', 1],
      ],
      30_000,
    ],
    [
      'one that is ended twice',
      [
        [0, 'announce', 30_000],
        [0, 'announce', 10_000],
        [1, 'end', 1],
        [2, 'end', 1],
      ],
      30_000,
    ],
    [
      'ours, and the longer one of the peer',
      [
        [0, 'announce', 10_000],
        [0, 'peer', 30_000],
      ],
      30_000,
    ],
    [
      'ours, and the longer one of the peer, who ends it',
      [
        [0, 'announce', 10_000],
        [0, 'peer', 30_000],
        [1000, 'resumed'],
      ],
      10_000,
    ],
    [
      'ours, and a word of the peer that nothing is going on',
      [
        [0, 'announce', 10_000],
        [1000, 'resumed'],
      ],
      10_000,
    ],
    [
      'the peer’s, and our reconnect',
      [
        [0, 'peer', 10_000],
        [0, 'restart'],
        [1000, 'reconnected'],
      ],
      10_000,
    ],
    [
      'the peer’s, and ours that is ended',
      [
        [0, 'peer', 10_000],
        [0, 'announce', 5000],
        [1000, 'end', 0],
      ],
      10_000,
    ],
    [
      'ICE restarts without a sign of life',
      [
        [0, 'restart'],
        [4000, 'restart'],
        [8000, 'restart'],
        [12_000, 'restart'],
      ],
      10_000,
    ],
    [
      'the same of the peer',
      [
        [0, 'peer', 10_000],
        [4000, 'peer', 10_000],
        [8000, 'peer', 10_000],
      ],
      10_000,
    ],
    [
      'a longer one without a sign of life',
      [
        [0, 'restart'],
        [4000, 'announce', 30_000],
      ],
      30_000,
    ],
    [
      'a shorter one without a sign of life',
      [
        [0, 'announce', 30_000],
        [20_000, 'announce', 15_000],
      ],
      30_000,
    ],
    [
      'ICE restarts with a sign of life between them',
      [
        [0, 'restart'],
        [4000, 'proof', 3000],
        [4000, 'restart'],
      ],
      14_000,
    ],
    [
      'ICE restarts, and an answer to what left before them',
      [
        [0, 'restart'],
        [3000, 'proof', -5],
        [4000, 'restart'],
      ],
      10_000,
    ],
    [
      'the peer’s with a sign of life between them',
      [
        [0, 'peer', 10_000],
        [1000, 'proof', 500],
        [4000, 'peer', 10_000],
      ],
      14_000,
    ],
    [
      'one that is over, and another without a sign of life',
      [
        [0, 'announce', 1000],
        [20_000, 'announce', 10_000],
      ],
      1000,
    ],
  ])(
    '[HB-PAUSE-2] [HB-PAUSE-4] [HB-PAUSE-5] hold the verdict until the latest is over: %s',
    (_, steps, heldUntil) => {
      expect(play(steps).heldUntil).toBe(heldUntil);
    },
  );

  it('[HB-PAUSE-5] tell the peer of the end when the last of our own is over before its time, and only then', () => {
    expect(
      play([
        [0, 'announce', 30_000],
        [1, 'restart'],
        [2, 'end', 0],
        [4000, 'reconnected'],
      ]).told,
    ).toEqual(['0: paused 30000', '1: paused 29999', '4000: resumed']);
    // The short one ends by its time, of which the peer was told 30 s.
    expect(
      play([
        [0, 'announce', 30_000],
        [0, 'announce', 5000],
        [1, 'end', 0],
      ]).told.at(-1),
    ).toBe('5000: resumed');
    expect(play([[0, 'announce', 5000]]).told).toEqual(['0: paused 5000']);
    expect(
      play([
        [0, 'peer', 5000],
        [1, 'resumed'],
      ]).told,
    ).toEqual([]);
  });

  it('let judging begin anew once, when the last of them is over', () => {
    expect(
      play([
        [0, 'announce', 5000],
        [0, 'peer', 3000],
        [0, 'restart'],
      ]).over,
    ).toBe(1);
    expect(
      play([
        [0, 'announce', 5000],
        [1, 'end', 0],
        [2, 'end', 0],
        [3, 'resumed'],
        [4, 'reconnected'],
      ]).over,
    ).toBe(1);
  });
});

describe('two sides on a path that is cut for good', () => {
  const BOUNDS = resolveDetectorOptions();

  it.each(['restarts ICE', 'announces 10 s', 'announces 10 s and ends it'])(
    '[HB-PAUSE-4] are dead after one interruption, though each %s every 4 s',
    how => {
      const pair = new SimulatedPair().connect().run(10_000).cut();

      // One interruption, and then what silence takes by itself at the most.
      for (let at = 0; at < RESTART + BOUNDS.deadAtLatest; at += 4000) {
        for (const side of [pair.serverSide, pair.clientSide]) {
          if (how === 'restarts ICE') {
            side.handleRestart(RESTART, pair.now);
          } else {
            const interruption = side.expectInterruption(RESTART, pair.now);

            if (how.endsWith('ends it')) {
              side.endInterruption(interruption, pair.now);
            }
          }
        }

        pair.drain();
        pair.run(4000);
      }

      expect([pair.serverSide.state, pair.clientSide.state]).toEqual(['dead', 'dead']);
    },
  );
});

describe('an interruption', () => {
  it('[HB-PAUSE-5] of the server is not ended by a client that reconnects', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.feedServer((server, now) => server.expectInterruption(30_000, now));
    pair.feedClient((client, now) => client.handleRestart(RESTART, now));
    pair.run(100);
    pair.feedClient((client, now) => client.connected(now));
    pair.run(100).cut().run(25_000);

    expect(storyOf(pair.server)).toEqual(['alive: first-pong']);
    expect(storyOf(pair.client)).toEqual(['alive: first-ping']);
  });

  it('[HB-PAUSE-5] that an ICE restart follows is as long as it was announced', () => {
    const pair = new SimulatedPair().connect().run(10_000);

    pair.feedServer((server, now) => server.expectInterruption(30_000, now));
    pair.feedServer((server, now) => server.handleRestart(RESTART, now));
    pair.run(100).cut().run(29_000);
    expect(storyOf(pair.server)).toEqual(['alive: first-pong']);
    expect(storyOf(pair.client)).toEqual(['alive: first-ping']);
    pair.run(1000 + 6000);
    expect([pair.serverSide.state, pair.clientSide.state]).toEqual(['dead', 'dead']);
  });
});
