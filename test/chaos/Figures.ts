import { expect } from 'vitest';
import { until } from '../harness/events.ts';
import type { Call } from './Call.ts';

/** What the RTT may be off by: 3 ms, or this share of it. */
const LEAST_ERROR = 3;
const ERROR = 0.05;

/** How many round trips the percentiles are over. */
const RTT_WINDOW = 128;

/** How many standard errors a median may be off by chance. */
const CHANCE = 5;

/** What both sides measure of a call from now on, and how long its relay really delays each packet. */
export class Figures {
  readonly rtts = { server: [] as number[], client: [] as number[] };
  readonly #held = { uplink: [] as number[], downlink: [] as number[] };
  readonly #call: Call;

  constructor(call: Call) {
    this.#call = call;
    call.onsample((side, { rtt }) => {
      // The statistics leave out what was answered late, or waited in a local stall.
      if (call[side].stats.rtt.last === rtt) {
        this.rtts[side].push(rtt);
      }
    });
    call.relay.onrelease((direction, heldFor) => this.#held[direction].push(heldFor));
  }

  /**
   * Expects the RTT of both sides to be the delay of the relay. It compares the minimum: at least one ping met no busy
   * processor, so its RTT is that of the path alone.
   */
  expectRtt(): void {
    const made = Math.min(...this.#held.uplink) + Math.min(...this.#held.downlink);

    for (const side of ['server', 'client'] as const) {
      expectNear(Math.min(...this.rtts[side]), made, side);
    }
  }

  /** Expects the statistics of both sides to match what was measured, once their window is full. */
  async expectPublished(): Promise<void> {
    const { server, client } = this.rtts;

    await until(this.#call.server, 'sample', () => Math.min(server.length, client.length) >= RTT_WINDOW);

    for (const side of ['server', 'client'] as const) {
      const { min, p50, p95 } = this.#call[side].stats.rtt;
      // The window keeps whole µs.
      const latest = this.rtts[side]
        .slice(-RTT_WINDOW)
        .map(rtt => Math.round(rtt * 1000) / 1000)
        .toSorted((a, b) => a - b);

      expect(min, side).toBe(latest[0]);
      expect(p50, side).toBeGreaterThanOrEqual(latest[RTT_WINDOW * 0.5 - 1] ?? Number.NaN);
      expect(p50, side).toBeLessThanOrEqual(latest[RTT_WINDOW * 0.5 + 1] ?? Number.NaN);
      expect(p95, side).toBeGreaterThanOrEqual(latest[Math.floor(RTT_WINDOW * 0.95) - 2] ?? Number.NaN);
      expect(p95, side).toBeLessThanOrEqual(latest[Math.ceil(RTT_WINDOW * 0.95) + 1] ?? Number.NaN);
    }
  }

  /** Expects the same of the medians, if each packet has another delay. */
  expectMedianRtt(...sides: ('server' | 'client')[]): void {
    const made = median(this.#held.uplink) + median(this.#held.downlink);
    const spread = Math.hypot(deviation(this.#held.uplink), deviation(this.#held.downlink));

    for (const side of sides.length > 0 ? sides : (['server', 'client'] as const)) {
      const rtts = this.rtts[side];

      // The standard error of a median is 1.25 that of a mean.
      expectNear(median(rtts), made, side, (CHANCE * 1.25 * spread) / Math.sqrt(rtts.length));
    }
  }

  /** Expects the smoothed RTT to have followed: it lies within the latest measurements. */
  expectSmoothed(): void {
    for (const side of ['server', 'client'] as const) {
      const { smoothed = Number.NaN } = this.#call[side].stats.rtt;

      expect(smoothed, side).toBeGreaterThan(Math.min(...this.rtts[side]) * (1 - ERROR));
      expect(smoothed, side).toBeLessThan(Math.max(...this.rtts[side]) * (1 + ERROR));
    }
  }
}

export function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function deviation(values: number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;

  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

function expectNear(actual: number, expected: number, what: string, tolerance = 0): void {
  const error = Math.max(LEAST_ERROR, ERROR * expected) + tolerance;

  expect(Math.abs(actual - expected), `${what}: ${actual} ms instead of ${expected} ms`).toBeLessThan(error);
}
