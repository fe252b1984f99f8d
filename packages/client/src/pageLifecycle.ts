import { type ClientEndpoint, GoodbyeCause, type Undo } from '@mediasoup-heartbeat/protocol';
import { follow } from './browserEvents.ts';

/**
 * Follows the life of the page. Does nothing where there is none (React Native, Node).
 *
 * @param hidden - Told whether the page is in the background: now, and when that changes.
 * @param feed - Told the rest.
 */
export function watchPage(
  hidden: (isHidden: boolean) => void,
  feed: (input: (endpoint: ClientEndpoint, now: number) => void) => void,
): Undo {
  const { document } = globalThis;
  const onVisibility = () => hidden(document?.visibilityState === 'hidden');
  const onHide = () => feed((endpoint, at) => endpoint.depart(GoodbyeCause.PageClosing, at));
  const onShow = ({ persisted }: PageTransitionEvent) => {
    // The page came back from the back/forward cache.
    if (persisted) {
      feed((endpoint, at) => endpoint.returned(at));
    }
  };

  onVisibility();

  return follow([
    [document, 'visibilitychange', onVisibility],
    [document, 'freeze', () => feed((endpoint, at) => endpoint.freeze(at))],
    [document, 'resume', () => feed((endpoint, at) => endpoint.thaw(at))],
    [globalThis, 'pagehide', onHide],
    [globalThis, 'pageshow', onShow],
  ]);
}
