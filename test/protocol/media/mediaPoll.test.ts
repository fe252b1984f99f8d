import { type MediaCounters, MediaPoll, type MediaPollWatcher } from '@mediasoup-heartbeat/protocol/media';
import { beforeEach, describe, expect, it } from 'vitest';

/** Timers that the test fires, and reads that it answers. */
class Machine {
  readonly reads: { streams: readonly string[]; answer: () => Promise<void> }[] = [];
  timer: { callback: () => void; ms: number } | undefined;
  readonly poll = new MediaPoll<string>({
    setTimer: (callback, ms) => {
      const timer = { callback, ms };

      this.timer = timer;

      return () => {
        this.timer = this.timer === timer ? undefined : this.timer;
      };
    },
    read: streams =>
      new Promise(resolve => {
        this.reads.push({
          streams,
          answer: async () => {
            resolve(new Map(streams.map(stream => [stream, { packets: 1, bytes: 100 }])));
            await Promise.resolve();
          },
        });
      }),
  });

  fire(): void {
    const { timer } = this;

    this.timer = undefined;
    timer?.callback();
  }

  /** Fires the timer, and answers the read. */
  async round(): Promise<readonly string[] | undefined> {
    this.fire();
    await this.reads.at(-1)?.answer();

    return this.reads.at(-1)?.streams;
  }
}

class Watcher implements MediaPollWatcher<string> {
  readonly stream: string;
  readonly readEvery: number;
  isPaused = false;
  readonly taken: (MediaCounters | undefined)[] = [];
  ontake = () => {};

  constructor(stream: string, readEvery = 500) {
    this.stream = stream;
    this.readEvery = readEvery;
  }

  take(counters: MediaCounters | undefined): void {
    this.taken.push(counters);
    this.ontake();
  }
}

let machine: Machine;

beforeEach(() => {
  machine = new Machine();
});

describe('a poll of a transport', () => {
  it('has one timer for all of its watchers, and reads each stream once a round', async () => {
    const watchers = [new Watcher('mic'), new Watcher('mic'), new Watcher('camera')];

    for (const watcher of watchers) {
      machine.poll.add(watcher);
    }

    expect(machine.timer?.ms).toBe(0);
    expect(await machine.round()).toEqual(['mic', 'camera']);
    expect(machine.timer?.ms).toBe(500);
    expect(await machine.round()).toEqual(['mic', 'camera']);
    expect(machine.reads).toHaveLength(2);
    expect(watchers.map(({ taken }) => taken.length)).toEqual([2, 2, 2]);
  });

  it('reads as often as the most impatient of them wants', async () => {
    const slow = new Watcher('mic', 4000);
    const fast = new Watcher('camera', 250);

    machine.poll.add(slow);
    await machine.round();
    expect(machine.timer?.ms).toBe(4000);
    machine.poll.add(fast);
    expect(machine.timer?.ms).toBe(250);
    machine.poll.add(new Watcher('screen', 1000));
    expect(machine.timer?.ms).toBe(250);
    await machine.round();
    expect(machine.timer?.ms).toBe(250);
    machine.poll.delete(fast);
    await machine.round();
    expect(machine.timer?.ms).toBe(1000);
  });

  it('does not read a stream that is paused, and calls its watcher all the same', async () => {
    const watcher = new Watcher('mic');

    watcher.isPaused = true;
    machine.poll.add(watcher);
    machine.poll.add(new Watcher('camera'));
    expect(await machine.round()).toEqual(['camera']);
    expect(watcher.taken).toEqual([undefined]);
  });

  it('asks nothing again of a worker that has not answered', async () => {
    machine.poll.add(new Watcher('mic'));
    machine.fire();
    expect(machine.timer).toBeUndefined();
    machine.poll.add(new Watcher('camera', 250));
    expect(machine.timer).toBeUndefined();
    expect(machine.reads).toHaveLength(1);
    await machine.reads[0]?.answer();
    expect(machine.timer?.ms).toBe(250);
  });

  it('reads nothing any more after its last watcher has left, even if it leaves while it is read, and begins again', async () => {
    const first = new Watcher('mic');
    const second = new Watcher('camera');

    machine.poll.add(first);
    machine.poll.add(second);
    first.ontake = () => machine.poll.delete(second);
    await machine.round();
    expect(second.taken).toEqual([]);
    machine.fire();
    machine.poll.delete(first);
    await machine.reads.at(-1)?.answer();
    expect(first.taken).toHaveLength(1);
    expect(machine.timer).toBeUndefined();
    machine.poll.add(second);
    expect(await machine.round()).toEqual(['camera']);
  });

  it('cancels its timer with its last watcher', async () => {
    const watcher = new Watcher('mic');

    machine.poll.add(watcher);
    await machine.round();
    machine.poll.delete(watcher);
    expect(machine.timer).toBeUndefined();
  });

  it('goes on with one timer if a watcher is added while others are called', async () => {
    const watcher = new Watcher('mic');

    machine.poll.add(watcher);
    watcher.ontake = () => {
      watcher.ontake = () => {};
      machine.poll.add(new Watcher('camera'));
    };
    await machine.round();
    expect(machine.timer?.ms).toBe(500);
    expect(await machine.round()).toEqual(['mic', 'camera']);
  });
});
