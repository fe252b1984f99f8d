import type { PeerView } from '../signaling/messages.ts';
import { Badge, disagreement, why } from './Badge.ts';
import { element } from './element.ts';
import { serverTime } from './serverTime.ts';
import { DISTURBANCES, RECEIVED_VIDEO, wholeSeconds } from './words.ts';

/** How many colours style.css has for avatars. */
const COLOURS = 6;

/** A participant in the room: video or avatar, name, badge, and the reason in words. */
export class Tile {
  readonly element: HTMLElement;
  readonly #video = element('video', { autoplay: true, playsinline: true, hidden: true });
  readonly #avatar: HTMLElement;
  readonly #badge = new Badge();
  readonly #name: HTMLElement;
  readonly #muted = element('span', { class: 'muted', title: 'Muted', hidden: true }, 'muted');
  readonly #why = element('p', { class: 'why' });
  readonly #others = element('p', { class: 'others' });
  readonly #disturbed = element('p', { class: 'disturbed' });
  readonly #received = element('p', { class: 'received' });
  readonly #bringBack: HTMLButtonElement;

  constructor({ name, seat }: PeerView, bringBack: (name: string) => void) {
    this.#avatar = element(
      'span',
      { class: `avatar colour-${colourOf(name)}`, 'aria-hidden': 'true' },
      initials(name),
    );
    this.#name = element('h3', {}, name);
    this.#bringBack = element(
      'button',
      { type: 'button', class: 'bring-back', hidden: true },
      `Bring ${name} back`,
    );
    this.#bringBack.addEventListener('click', () => bringBack(name));
    this.#video.muted = true;
    this.element = element(
      'article',
      { class: 'tile', 'data-seat': seat, 'data-peer': name },
      element(
        'div',
        { class: 'stage' },
        this.#avatar,
        this.#video,
        this.#badge.element,
        this.#disturbed,
        this.#bringBack,
        element('div', { class: 'name' }, this.#name, this.#muted),
      ),
      this.#why,
      this.#received,
      this.#others,
    );
  }

  show(peer: PeerView, isSelf: boolean): void {
    const { dataset } = this.element;

    dataset.state = peer.state;
    dataset.reason = peer.reason;
    dataset.audio = peer.audio ?? 'none';

    for (const { direction, state } of peer.transports) {
      dataset[direction] = state;
    }

    this.#badge.show(peer);
    this.#name.textContent = isSelf ? `${peer.name} (you)` : peer.name;
    this.#muted.hidden = peer.audio !== 'off';
    this.#why.textContent = why(peer);
    this.#others.textContent = disagreement(peer);
    this.#received.textContent = peer.receivedVideo === undefined ? '' : RECEIVED_VIDEO[peer.receivedVideo];
    this.#disturbed.textContent = disturbancesOf(peer);
    this.#bringBack.hidden = !(peer.node && peer.state === 'dead' && peer.disturbances.freeze === undefined);
    this.#video.hidden = this.#video.srcObject === null || peer.video !== 'on';
    this.#video.classList.toggle('self', isSelf);
  }

  /** Plays what the participant sends. */
  play(stream: MediaStream, withSound: boolean): void {
    if (this.#video.srcObject !== stream) {
      this.#video.srcObject = stream;
    }

    this.#video.muted = !withSound;
  }

  silence(): void {
    this.#video.srcObject = null;
  }
}

/** What disturbs a participant, each with its count-down. */
export function disturbancesOf({ disturbances }: PeerView): string {
  return Object.entries(disturbances)
    .map(
      ([name, until]) =>
        `${DISTURBANCES[name as keyof typeof DISTURBANCES]}: ${wholeSeconds(until - serverTime())}`,
    )
    .join(' · ');
}

function initials(name: string): string {
  return name
    .split(/\s+/)
    .map(word => /^[\p{L}\p{N}]/u.exec(word)?.[0] ?? '')
    .join('')
    .slice(0, 2)
    .toUpperCase();
}

function colourOf(name: string): number {
  return [...name].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0) % COLOURS;
}
