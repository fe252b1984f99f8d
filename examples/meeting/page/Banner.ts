import { byId } from './element.ts';

/** What the own connection has to say, over everything else. */
export class Banner {
  readonly #shown = byId('banner');
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Trouble that lasts. */
  warn(text: string): void {
    this.#show('warning', text);
  }

  /** Good news, for a few seconds. */
  tell(text: string): void {
    this.#show('news', text);
    this.#timer = setTimeout(() => this.clear(), 5000);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#shown.hidden = true;
    this.#shown.textContent = '';
  }

  #show(kind: string, text: string): void {
    clearTimeout(this.#timer);
    this.#shown.dataset.kind = kind;
    this.#shown.textContent = text;
    this.#shown.hidden = false;
  }
}
