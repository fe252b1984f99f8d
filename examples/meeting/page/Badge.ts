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

/** Why a participant is in its state, in words, and since when if something is wrong. */
export function why({ state, reason, changedAt }: PeerView): string {
  const since = wholeSeconds(serverTime() - changedAt);

  switch (state) {
    case 'suspect':
      return `${REASONS[reason]}, for ${since}`;
    case 'dead':
      return `${REASONS[reason]}, ${since} ago`;
    default:
      return REASONS[reason];
  }
}

/** Which simpler judge says something else of a participant. */
export function disagreement({ state, rtpPoll, iceConsent }: PeerView): string {
  if (state === 'alive' && rtpPoll.state === 'dead') {
    return 'A getStats() poll says: dead';
  }

  return state === 'dead' && iceConsent.state === 'alive' ? 'ICE consent says: alive' : '';
}
