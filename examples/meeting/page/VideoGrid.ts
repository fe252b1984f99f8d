import { byId, element } from './element.ts';

/** Plays received tracks: muted at first, as browsers require. */
export class VideoGrid {
  readonly #section = byId('videos');

  add(track: MediaStreamTrack): void {
    const video = element('video', { autoplay: true, playsinline: true, controls: true });

    video.muted = true;
    video.hidden = track.kind === 'audio';
    video.srcObject = new MediaStream([track]);
    track.addEventListener('ended', () => video.remove());
    this.#section.append(video);
    this.#section.hidden = this.#section.querySelector('video:not([hidden])') === null;
  }

  clear(): void {
    this.#section.replaceChildren();
    this.#section.hidden = true;
  }
}
