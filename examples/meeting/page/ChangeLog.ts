import type { ChangeView } from '../signaling/messages.ts';
import { byId, element } from './element.ts';
import { REASONS, SIGNS } from './words.ts';

/** How many changes are shown. */
const LENGTH = 8;

/** The changes of both transports within this time are one, in ms. */
const TOGETHER = 2000;

/** The latest state changes, newest first. A screen reader reads each of them. */
export class ChangeLog {
  readonly #list = byId('changes');
  readonly #latest = new Map<string, number>();

  add({ name, to, reason, at }: ChangeView): void {
    const what = `${name} ${to} ${reason}`;
    const previous = this.#latest.get(what);

    this.#latest.set(what, at);

    if (previous !== undefined && at - previous < TOGETHER) {
      return;
    }

    this.#list.prepend(
      element(
        'li',
        {},
        element('time', {}, new Date(at).toLocaleTimeString()),
        ' ',
        element('b', {}, name),
        ' is ',
        element('span', { class: 'to', 'data-state': to }, `${SIGNS[to]} ${to}`),
        `: ${REASONS[reason]}`,
      ),
    );

    while (this.#list.childElementCount > LENGTH) {
      this.#list.lastElementChild?.remove();
    }
  }
}
