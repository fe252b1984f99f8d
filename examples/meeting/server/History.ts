import type { State } from '@mediasoup-heartbeat/server';
import { now } from '../clock.ts';
import type { HistoryView, MarkName } from '../signaling/messages.ts';

/** How far the history goes back, in ms. A page shows a part of that. */
const LENGTH = 60_000;

const nothing = (): HistoryView => ({ points: [], stays: [], marks: [] });

/** What a timeline shows of a client: its pings, its states, and what was done to it. */
export class History {
  #told = nothing();
  #fresh = nothing();
  #state: State | undefined;

  /** Notes a ping that was answered, or missed: `rtt` is `null`. */
  point(rtt: number | null, loss: { downlink: number | undefined; uplink: number | undefined }): void {
    this.#fresh.points.push({
      at: now(),
      rtt,
      downlink: loss.downlink ?? null,
      uplink: loss.uplink ?? null,
    });
  }

  /** Notes the client's state, if it is another one. */
  state(state: State, at: number): void {
    if (state !== this.#state) {
      this.#state = state;
      this.#fresh.stays.push({ at, state });
    }
  }

  /** Notes what was done to the client, for some ms or for good. */
  mark(name: MarkName, duration = 0): void {
    this.#fresh.marks.push({ at: now(), name, duration });
  }

  /** Everything that was told already, for a page that comes later. */
  get told(): HistoryView {
    return this.#told;
  }

  /** What has happened since the last call. */
  tell(): HistoryView {
    const fresh = this.#fresh;
    const { points, stays, marks } = this.#told;
    const begin = now() - LENGTH;
    const allStays = [...stays, ...fresh.stays];

    this.#fresh = nothing();
    this.#told = {
      points: [...points, ...fresh.points].filter(({ at }) => at > begin),
      // The last one lasts.
      stays: allStays.filter((_, index) => (allStays[index + 1]?.at ?? now()) > begin),
      marks: [...marks, ...fresh.marks].filter(({ at, duration }) => at + duration > begin),
    };

    return fresh;
  }
}
