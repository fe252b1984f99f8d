import type { MediaCounters } from './MediaFlowMeter.ts';

/** What a {@link MediaPoll} needs from the process or page that it runs in. None of these may throw, and no promise may be rejected. */
export type MediaPollSurroundings<Stream> = {
  /** Calls back once, after so many ms. Returns what cancels that. */
  setTimer(callback: () => void, ms: number): () => void;
  /** Reads the counters of these streams. One that could not be read is left out. */
  read(streams: readonly Stream[]): Promise<ReadonlyMap<Stream, MediaCounters>>;
};

/** Somebody who watches a stream. */
export type MediaPollWatcher<Stream> = {
  readonly stream: Stream;
  /** How often it has to be read at least, in ms. */
  readonly readEvery: number;
  /** Whether there is nothing to read now. */
  readonly isPaused: boolean;
  /** Is called in each round. `undefined`: the stream was not read. Must not throw. */
  take(counters: MediaCounters | undefined): void;
};

/**
 * Reads the streams of one transport for any number of watchers: one timer, and each stream once a round. A round begins only when the one
 * before has ended, so a worker that does not answer is not asked again.
 */
export class MediaPoll<Stream> {
  readonly #surroundings: MediaPollSurroundings<Stream>;
  readonly #watchers = new Set<MediaPollWatcher<Stream>>();
  #cancel = () => {};
  /** How long the timer runs. `undefined`: there is none. */
  #armedFor: number | undefined;
  #isReading = false;

  constructor(surroundings: MediaPollSurroundings<Stream>) {
    this.#surroundings = surroundings;
  }

  /** Adds a watcher. The first one is read at once, the others in the next round. */
  add(watcher: MediaPollWatcher<Stream>): void {
    this.#watchers.add(watcher);

    if (this.#isReading) {
      return;
    } else if (this.#armedFor === undefined) {
      this.#arm(0);
    } else if (watcher.readEvery < this.#armedFor) {
      this.#arm(watcher.readEvery);
    }
  }

  /** Removes a watcher. It is not called again. After the last one nothing is read any more. */
  delete(watcher: MediaPollWatcher<Stream>): void {
    this.#watchers.delete(watcher);

    if (this.#watchers.size === 0) {
      this.#cancel();
      this.#armedFor = undefined;
    }
  }

  #arm(ms: number): void {
    this.#cancel();
    this.#armedFor = ms;
    this.#cancel = this.#surroundings.setTimer(() => void this.#read(), ms);
  }

  async #read(): Promise<void> {
    this.#armedFor = undefined;
    this.#isReading = true;

    const wanted = [...this.#watchers].filter(({ isPaused }) => !isPaused).map(({ stream }) => stream);
    const counters = await this.#surroundings.read([...new Set(wanted)]);

    for (const watcher of [...this.#watchers]) {
      // A listener of another one may have ended it.
      if (this.#watchers.has(watcher)) {
        watcher.take(counters.get(watcher.stream));
      }
    }

    // Not before: a watcher that a listener adds must not cause a second reading at once.
    this.#isReading = false;

    if (this.#watchers.size > 0 && this.#armedFor === undefined) {
      this.#arm(Math.min(...[...this.#watchers].map(({ readEvery }) => readEvery)));
    }
  }
}
