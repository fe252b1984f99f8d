import type { HistoryView } from '../signaling/messages.ts';
import { serverTime } from './serverTime.ts';

/** How much a timeline shows, in ms. */
export const WINDOW = 30_000;

/** What happened to a participant within the timeline's window. */
export class RecentHistory {
  #view: HistoryView = { points: [], stays: [], marks: [] };

  add({ points, stays, marks }: HistoryView): void {
    const begin = serverTime() - WINDOW;
    const allStays = [...this.#view.stays, ...stays];

    this.#view = {
      // One point before the window, so that its line begins at the edge.
      points: [...this.#view.points, ...points].filter(
        (_, index, all) => (all[index + 1]?.at ?? Number.POSITIVE_INFINITY) > begin,
      ),
      stays: allStays.filter((_, index) => (allStays[index + 1]?.at ?? Number.POSITIVE_INFINITY) > begin),
      marks: [...this.#view.marks, ...marks].filter(({ at, duration }) => at + duration > begin),
    };
  }

  get points(): HistoryView['points'] {
    return this.#view.points;
  }

  get stays(): HistoryView['stays'] {
    return this.#view.stays;
  }

  get marks(): HistoryView['marks'] {
    return this.#view.marks;
  }

  /** The times in which nothing could get through, or the process stood still. */
  get cuts(): { from: number; to: number }[] {
    return this.#view.marks
      .filter(({ name }) => name === 'cut' || name === 'walk' || name === 'freeze')
      .map(({ at, duration }) => {
        const ended = this.#view.marks.find(
          mark => (mark.name === 'restored' || mark.name === 'back') && mark.at >= at,
        );

        return { from: at, to: Math.min(at + duration, ended?.at ?? Number.POSITIVE_INFINITY) };
      });
  }
}
