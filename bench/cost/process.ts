import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Quantiles } from './messages.ts';

/** How often the delay of the event loop is looked at, in ms. */
const RESOLUTION = 10;

/** CPU time of this process, in ms. */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage();

  return (user + system) / 1000;
}

/** What this process holds after a collection, in bytes. Needs `--expose-gc`. */
export function memory(): { heap: number; rss: number } {
  globalThis.gc?.();
  globalThis.gc?.();

  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();

  return { heap: heapUsed + arrayBuffers, rss };
}

/** Watches the delay of the event loop. The returned function ends that, and returns the delays in ms. */
export function watchLoop(): () => Quantiles {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION });
  const inMs = (ns: number) => Math.max(0, ns / 1e6 - RESOLUTION);

  histogram.enable();

  return () => {
    histogram.disable();

    return {
      p50: inMs(histogram.percentile(50)),
      p99: inMs(histogram.percentile(99)),
      max: inMs(histogram.max),
    };
  };
}

export function wait(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}
