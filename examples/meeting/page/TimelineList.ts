import type { Notifications } from '../signaling/messages.ts';
import type { Ask } from './ChaosPanel.ts';
import { byId } from './element.ts';
import type { RecentHistory } from './RecentHistory.ts';
import { Timeline } from './Timeline.ts';

/** How often the timelines move, in ms. */
const EVERY = 250;

/** On a phone only one timeline is open: the first, or the one that was opened last. */
const WIDE = matchMedia('(min-width: 861px)');

/** The timelines of all participants. */
export class TimelineList {
  readonly #section = byId('timelines');
  readonly #timelines = new Map<string, Timeline>();
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
    setInterval(() => this.#draw(), EVERY);
  }

  show({ peers }: Notifications['roster']): void {
    for (const [seat, timeline] of this.#timelines) {
      if (!peers.some(peer => peer.seat === seat)) {
        timeline.element.remove();
        this.#timelines.delete(seat);
      }
    }

    for (const peer of peers) {
      let timeline = this.#timelines.get(peer.seat);

      if (timeline === undefined) {
        timeline = new Timeline(peer, this.#ask, WIDE.matches || this.#timelines.size === 0);
        timeline.element.name = WIDE.matches ? '' : 'timeline';
        this.#timelines.set(peer.seat, timeline);
        this.#section.append(timeline.element);
      }

      timeline.show(peer);
    }
  }

  add({ seat, history }: Notifications['history']): void {
    this.#timelines.get(seat)?.add(history);
  }

  /** Opens the timeline of the participant in this place. */
  open(seat: string): void {
    const timeline = this.#timelines.get(seat);

    if (timeline !== undefined) {
      timeline.element.open = true;
    }
  }

  /** What happened lately to the participant in this place. */
  historyOf(seat: string): RecentHistory | undefined {
    return this.#timelines.get(seat)?.history;
  }

  #draw(): void {
    if (document.visibilityState === 'visible') {
      for (const timeline of this.#timelines.values()) {
        timeline.draw();
      }
    }
  }
}
