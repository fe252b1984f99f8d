import type { PeerView } from '../signaling/messages.ts';
import { element } from './element.ts';
import { serverTime } from './serverTime.ts';
import { milliseconds, REASONS, SIGNS, wholeSeconds } from './words.ts';

/** How long a recovery is news, in ms. */
const FRESH = 20_000;

/** The state of a participant as a badge. */
export class Badge {
  readonly element = element('span', { class: 'badge' });

  show({ state }: PeerView): void {
    this.element.dataset.state = state;
    this.element.textContent = `${SIGNS[state]} ${state}`;
  }
}

/** Why a participant is in its state, in words, and since when if something is wrong. */
export function why({ state, reason, changedAt, recovery }: PeerView): string {
  const since = wholeSeconds(serverTime() - changedAt);

  switch (state) {
    case 'suspect':
      return `${REASONS[reason]}, for ${since}`;
    case 'dead':
      return `${REASONS[reason]}, ${since} ago`;
    default:
      return recovery !== undefined && serverTime() - recovery.at < FRESH
        ? `Is back on another path, gap ${milliseconds(recovery.gap)}`
        : REASONS[reason];
  }
}

/** Which simpler judge says something else of a participant. */
export function disagreement({ state, rtpPoll, iceConsent }: PeerView): string {
  if (state === 'alive' && rtpPoll.state === 'dead') {
    return 'getStats() poll: dead';
  }

  return state === 'dead' && iceConsent.state === 'alive' ? 'ICE consent: alive' : '';
}
