import type { State } from '@mediasoup-heartbeat/client';
import { element } from './element.ts';
import type { Truth } from './steps.ts';
import { assess, type Change, story } from './verdicts.ts';
import { SIGNS } from './words.ts';

/** A judge: what it says now, what it has said since the step of the tour began, and whether that is right. */
export class VerdictRow {
  readonly element: HTMLElement;
  readonly #badge = element('span', { class: 'badge' });
  readonly #story = element('span', { class: 'story' });
  readonly #assessment = element('span', { class: 'assessment' });
  #changes: Change[] = [];
  #latest: State | undefined;

  constructor(judge: string, how: string) {
    this.element = element(
      'tr',
      { 'data-judge': judge },
      element('th', { scope: 'row' }, judge, element('small', {}, how)),
      element('td', {}, this.#badge),
      element('td', {}, this.#assessment, this.#story),
    );
  }

  /** Notes a verdict. */
  note(state: State, at: number): void {
    if (this.#latest !== undefined && this.#latest !== state) {
      this.#changes.push({ at, state });
    }

    this.#latest = state;
  }

  /** Takes over all states, with those that were too short to be seen here. */
  history(stays: readonly Change[]): void {
    this.#changes = [...stays];
  }

  clear(): void {
    this.#changes = [];
    this.#latest = undefined;
  }

  show(state: State, since: number | undefined, truth: Truth | undefined): void {
    const changes = this.#changes.filter(({ at }) => at >= (since ?? 0));
    const { tone, text } =
      truth === undefined
        ? { tone: 'open', text: '' }
        : assess(truth, since === undefined ? [{ at: 0, state }] : changes);

    this.#badge.dataset.state = state;
    this.#badge.textContent = `${SIGNS[state]} ${state}`;
    this.element.dataset.tone = tone;
    this.#assessment.textContent = text;
    this.#story.textContent = since === undefined ? '' : story(changes, since);
  }
}
