import type { EnhancedEventEmitter } from './EnhancedEventEmitter.ts';

/**
 * Emits an event to all of its listeners. An error in one is emitted as `listenererror`. mediasoup's `safeEmit()` does that, too, but
 * skips the listeners after it.
 */
// biome-ignore lint/suspicious/noExplicitAny: the arguments of any event, as mediasoup has it
export function emitToAll<Events extends Record<string, any[]>, E extends keyof Events & string>(
  emitter: EnhancedEventEmitter<Events>,
  event: E,
  args: Events[E],
): void {
  const reporter = emitter as EnhancedEventEmitter<{ [_: string]: [string, Error] }>;

  for (const listener of emitter.rawListeners(event)) {
    try {
      listener.apply(emitter, args);
    } catch (error) {
      reporter.safeEmit('listenererror', event, error as Error);
    }
  }
}
