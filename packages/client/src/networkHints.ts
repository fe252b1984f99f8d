import type { Undo } from '@mediasoup-heartbeat/protocol';

/**
 * What the browser says of the network. It is a hint, never a verdict: browsers report a lost network late, or not at all, and report
 * changes that matter to nobody.
 *
 * - `offline`, `online`: the machine has lost its last network, or has one again.
 * - `change`: the network is another one, or has other figures (`navigator.connection`; Chromium only).
 * - `resume`: the page runs again after it was frozen, or the machine has slept.
 */
export type NetworkHint = 'offline' | 'online' | 'change' | 'resume';

/** A page that did not run for this long, in ms, has slept: its network may be another one. */
export const SLEEP = 5000;

/** Follows the hints of the browser. Does nothing where there are none (React Native, Node). */
export function watchNetwork(tell: (hint: NetworkHint) => void): Undo {
  const controller = new AbortController();
  const { document, navigator } = globalThis;
  const follow = (target: unknown, hint: NetworkHint) =>
    (target as Partial<EventTarget> | undefined)?.addEventListener?.(hint, () => tell(hint), {
      signal: controller.signal,
    });

  follow(globalThis, 'offline');
  follow(globalThis, 'online');
  follow((navigator as { connection?: unknown } | undefined)?.connection, 'change');
  follow(document, 'resume');

  return () => controller.abort();
}
