import {
  ClientEndpoint,
  createAdaptiveDetector,
  type DetectorPreset,
  EndpointLoop,
  encodeFrame,
  type Loops,
  resolveDetectorOptions,
  type StateChange,
} from '@mediasoup-heartbeat/protocol';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { now } from '../../packages/client/src/clock.ts';
import { createLoops } from '../../packages/client/src/loops.ts';

// Browsers let the timers of some hidden pages fire once a minute only. Which pages is theirs to decide, so that it is
// simulated: on fake timers that fire at whole minutes while the page is hidden.

const MINUTE = 60_000;

let hidden = false;
/** Whether the client knows. */
let isKnown = false;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });

  const { setTimeout } = globalThis;

  vi.stubGlobal('setTimeout', (work: () => void, after = 0) => {
    const at = performance.now() + after;

    return setTimeout(work, (hidden ? Math.ceil(at / MINUTE) * MINUTE : at) - performance.now());
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  hidden = false;
  isKnown = false;
});

/** One transport's heartbeat, as far as its time goes, and the server that pings it. */
class Heartbeat {
  readonly story: string[] = [];
  readonly #loop: EndpointLoop<ClientEndpoint>;
  #seq = 0;

  constructor(loops: Loops, preset: DetectorPreset = 'balanced') {
    const bounds = resolveDetectorOptions({ preset, interval: 1000 });
    const endpoint = new ClientEndpoint({
      version: 1,
      bounds,
      detector: createAdaptiveDetector(bounds, 'client'),
      firstPingTimeout: 15_000,
      instance: 1,
      now: now(),
    });

    this.#loop = new EndpointLoop(
      endpoint,
      {
        transmit: () => {},
        // The transport is never read: that takes a turn of the event loop, which a fake clock does not give.
        readPath: () => new Promise(() => {}),
        emit: (event, ...[told]) => event === 'statechange' && this.story.push((told as StateChange).state),
        silence: () => {},
        wantsStats: false,
        wantsSamples: false,
        logDrop: () => {},
        wantsDrops: false,
      },
      loops,
    );
    this.#loop.feed((client, at) => client.opened(at));
  }

  /** Gets a ping, which no timer brings. */
  ping(): void {
    const seq = this.#seq++;
    const frame = encodeFrame(
      { type: 'ping', seq, token: seq, ack: 0, ackHold: 65_535, pongs: seq % 128 },
      1,
    );

    this.#loop.feed((client, at) => client.handleFrame(frame, at));
  }
}

/** Lets time pass with a ping a second for each. */
function pings(seconds: number, ...heartbeats: Heartbeat[]): void {
  for (let second = 0; second < seconds; second++) {
    vi.advanceTimersByTime(1000);

    for (const heartbeat of heartbeats) {
      heartbeat.ping();
    }
  }
}

/** Lets time pass in which the page does not run at all: a machine that sleeps, a thread that hangs. */
function sleep(duration: number): void {
  const awake = performance.now;

  performance.now = () => awake.call(performance) + duration;
}

/** The page goes into the background, or comes back. */
function show(loops: Loops, isHidden: boolean): void {
  hidden = isHidden;
  // What was due meanwhile is done now.
  loops.catchUp();
  isKnown = isHidden;
}

describe('a hidden page whose timers fire once a minute', () => {
  test('keeps a server alive that is heard', () => {
    const loops = createLoops(() => isKnown);
    const heartbeat = new Heartbeat(loops);

    show(loops, true);
    pings(900, heartbeat);
    expect(heartbeat.story).toEqual(['alive']);
  });

  test('suspects a server that is gone within 4 minutes, and calls it dead within 15', () => {
    const loops = createLoops(() => isKnown);
    const heartbeat = new Heartbeat(loops);

    pings(10, heartbeat);
    show(loops, true);
    pings(10, heartbeat);
    vi.advanceTimersByTime(4 * MINUTE);
    expect(heartbeat.story.slice(0, 2)).toEqual(['alive', 'suspect']);
    vi.advanceTimersByTime(11 * MINUTE);
    expect(heartbeat.story).toEqual(['alive', 'suspect', 'dead']);
  });

  test('judges a server that is gone within seconds once the page is shown', () => {
    const loops = createLoops(() => isKnown);
    const heartbeat = new Heartbeat(loops);

    pings(10, heartbeat);
    show(loops, true);
    vi.advanceTimersByTime(MINUTE / 2);
    show(loops, false);
    vi.advanceTimersByTime(20_000);
    expect(heartbeat.story).toEqual(['alive', 'suspect', 'dead']);
  });

  test('judges a server that is gone on one transport in time when another transport gets pings', () => {
    const loops = createLoops(() => isKnown);
    const [heard, gone] = [new Heartbeat(loops), new Heartbeat(loops)];

    pings(10, heard, gone);
    show(loops, true);
    pings(20, heard);
    expect(gone.story).toEqual(['alive', 'suspect', 'dead']);
    expect(heard.story).toEqual(['alive']);
  });

  test.each(['fast', 'balanced', 'patient'] as const)(
    'nobody is judged by an hour in which the machine slept, with the preset %s',
    preset => {
      const loops = createLoops(() => isKnown);
      const heartbeat = new Heartbeat(loops, preset);

      show(loops, true);

      for (let hour = 0; hour < 3; hour++) {
        pings(100, heartbeat);
        sleep(3_600_000);
        // A timer that was due is the first to know; a ping comes once there is a network again.
        vi.advanceTimersByTime(MINUTE);
        pings(1, heartbeat);
      }

      expect(heartbeat.story).toEqual(['alive']);
    },
  );
});
