import type { ChangeView } from '../signaling/messages.ts';
import { byId, element } from './element.ts';

/** How many changes are kept. */
const LENGTH = 40;

/** The latest state changes, newest first. */
export class ChangeLog {
  readonly #list = byId('changes');

  add({ name, direction, to, reason, at }: ChangeView): void {
    const time = new Date(at).toLocaleTimeString();

    this.#list.prepend(
      element(
        'li',
        { 'data-to': to },
        element('time', {}, time),
        `${name} ${direction}: `,
        element('b', {}, to),
        ` (${reason})`,
      ),
    );

    while (this.#list.childElementCount > LENGTH) {
      this.#list.lastElementChild?.remove();
    }
  }
}
