import type { State } from '@mediasoup-heartbeat/client';
import { element } from './element.ts';
import { type RecentHistory, WINDOW } from './RecentHistory.ts';
import { serverTime } from './serverTime.ts';
import { MARKS, SIGNS } from './words.ts';

type Sign = { at: number; sign: string; kind: string; title: string };

/** Signs that are closer than this share of the strip stand in rows above each other. */
const CLOSE = 0.05;

/** The states of the last 30 s as a coloured strip. Signs above it mark what was done, and what was noticed. */
export class StateStrip {
  readonly element: HTMLElement;
  readonly #signs = element('div', { class: 'signs' });
  readonly #bar = element('div', { class: 'bar' });
  #label = '';

  constructor() {
    this.element = element('div', { class: 'strip', role: 'img' }, this.#signs, this.#bar);
    this.#say('last 30 seconds: no verdict');
  }

  draw(history: RecentHistory, name: string): void {
    const now = serverTime();
    const position = (at: number) => Math.min(1, Math.max(0, 1 - (now - at) / WINDOW));
    const { stays } = history;

    this.#bar.replaceChildren(
      ...stays.map(({ at, state }, index) =>
        piece(`stay ${state}`, position(at), position(stays[index + 1]?.at ?? now)),
      ),
      ...history.cuts.map(({ from, to }) => piece('cut', position(from), position(to))),
    );

    const signs = signsOf(history).filter(({ at }) => now - at < WINDOW);
    /** Where the last sign of each row is. */
    const rows = [-1, -1, -1];

    this.#signs.replaceChildren(
      ...signs.map(({ at, sign, kind, title }) => {
        const left = position(at);
        const made = element('span', { class: `sign ${kind}`, title }, sign);

        // Without a free row, the first.
        const row = Math.max(
          0,
          rows.findIndex(last => left - last >= CLOSE),
        );

        rows[row] = left;
        made.style.left = `${100 * left}%`;
        made.style.bottom = `${1 + 17 * row}px`;

        return made;
      }),
    );
    this.#say(
      `${name}, last 30 seconds: ${[stays[0]?.state ?? 'no verdict', ...signs.map(({ title }) => title)].join(', ')}`,
    );
  }

  #say(label: string): void {
    if (label !== this.#label) {
      this.#label = label;
      this.element.setAttribute('aria-label', label);
    }
  }
}

function signsOf({ stays, marks }: RecentHistory): Sign[] {
  const changes = stays.map(({ at, state }, index) => ({ at, state, previous: stays[index - 1]?.state }));

  return [
    ...marks.map(({ at, name }) => ({ at, sign: MARKS[name].sign, kind: 'done', title: MARKS[name].words })),
    ...changes
      .filter(({ state, previous }) => isNoticed(state, previous))
      .map(({ at, state }) => ({
        at,
        sign: state === 'alive' ? '✓' : SIGNS[state],
        kind: state,
        title: state === 'alive' ? 'recovered' : state,
      })),
  ].sort((a, b) => a.at - b.at);
}

/** Whether a change is worth a sign: trouble, and the recovery from it. */
function isNoticed(state: State, previous: State | undefined): boolean {
  return (
    state === 'suspect' ||
    state === 'dead' ||
    (state === 'alive' && (previous === 'suspect' || previous === 'dead'))
  );
}

function piece(kind: string, from: number, to: number): HTMLElement {
  const made = element('span', { class: kind });

  made.style.left = `${100 * from}%`;
  made.style.width = `${100 * Math.max(0, to - from)}%`;

  return made;
}
