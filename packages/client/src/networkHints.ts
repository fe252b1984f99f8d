import type { Undo } from '@mediasoup-heartbeat/protocol';
import { follow } from './browserEvents.ts';

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
  const { document, navigator } = globalThis;
  const hint = (target: unknown, event: NetworkHint) => [target, event, () => tell(event)] as const;

  return follow([
    hint(globalThis, 'offline'),
    hint(globalThis, 'online'),
    hint((navigator as { connection?: unknown } | undefined)?.connection, 'change'),
    hint(document, 'resume'),
  ]);
}
