import type { PeerView } from '../signaling/messages.ts';
import { element } from './element.ts';
import { serverTime } from './serverTime.ts';
import { REASONS, SIGNS, wholeSeconds } from './words.ts';

/** The state of a participant as a badge. */
export class Badge {
  readonly element = element('span', { class: 'badge' });

  show({ state }: PeerView): void {
    this.element.dataset.state = state;
    this.element.textContent = `${SIGNS[state]} ${state}`;
  }
}

/** Why a participant is in its state, in words, and for how long if something is wrong. */
export function why({ state, reason, changedAt }: PeerView): string {
  return state === 'alive' || state === 'pending'
    ? REASONS[reason]
    : `${REASONS[reason]}, for ${wholeSeconds(serverTime() - changedAt)}`;
}
