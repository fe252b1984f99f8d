import { EnhancedEventEmitter } from './EnhancedEventEmitter.ts';
import { emitToAll } from './emitToAll.ts';
import type { Heartbeat } from './Heartbeat.ts';
import { shared } from './shared.ts';

/** The events of {@link observer}. */
export type ObserverEvents = {
  /** `attachHeartbeat()` has attached a heartbeat, and is about to return it. */
  newheartbeat: [Heartbeat];
};

/**
 * Emits `newheartbeat` for each heartbeat of this process, as mediasoup's own `observer` does for Workers. For code that only observes,
 * such as metrics and logs.
 */
export const observer: EnhancedEventEmitter<ObserverEvents> = shared(
  'observer',
  () => new EnhancedEventEmitter(),
);

/** The heartbeats that are open, by all copies of this package. */
export const openHeartbeats: Set<Heartbeat> = shared('open', () => new Set());

/** Enters a heartbeat that is attached, until it closes. */
export function announce(heartbeat: Heartbeat): void {
  openHeartbeats.add(heartbeat);
  heartbeat.observer.once('close', () => openHeartbeats.delete(heartbeat));
  emitToAll(observer, 'newheartbeat', [heartbeat]);
}
