import { byId } from './element.ts';
import type { Meeting } from './Meeting.ts';

type Listener = { leave(): void; sound(on: boolean): void };

/** What a participant does for itself: mute, camera off, sound, leave. */
export class Controls {
  readonly #bar = byId('controls');
  readonly #mute = byId('mute') as HTMLButtonElement;
  readonly #camera = byId('camera') as HTMLButtonElement;
  readonly #sound = byId('sound') as HTMLButtonElement;
  #meeting: Meeting | undefined;

  constructor({ leave, sound }: Listener) {
    toggle(this.#mute, ['Mute', 'Unmute'], on => this.#meeting?.pause('audio', on).catch(console.warn));
    toggle(this.#camera, ['Camera off', 'Camera on'], on =>
      this.#meeting?.pause('video', on).catch(console.warn),
    );
    toggle(this.#sound, ['Sound on', 'Sound off'], sound);
    byId('leave').addEventListener('click', leave);
  }

  /** Shows the buttons that do something in this meeting. */
  show(meeting: Meeting): void {
    this.#meeting = meeting;
    this.#bar.hidden = false;
    this.#mute.hidden = !meeting.sends('audio');
    this.#camera.hidden = !meeting.sends('video');

    for (const [button, label] of [
      [this.#mute, 'Mute'],
      [this.#camera, 'Camera off'],
    ] as const) {
      button.dataset.on = 'false';
      button.textContent = label;
    }
  }

  hide(): void {
    this.#meeting = undefined;
    this.#bar.hidden = true;
  }
}

/** A button with two labels: what it does next. */
function toggle(
  button: HTMLButtonElement,
  labels: readonly [string, string],
  pressed: (on: boolean) => void,
): void {
  button.addEventListener('click', () => {
    const on = button.dataset.on !== 'true';

    button.dataset.on = String(on);
    button.textContent = labels[on ? 1 : 0];
    pressed(on);
  });
}
