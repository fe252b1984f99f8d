import { observer } from 'mediasoup';
import type { EnhancedEventEmitter as Emitter } from 'mediasoup/extras';

/**
 * mediasoup's own event emitter, taken from an object of its kind: `mediasoup/extras` is as new as mediasoup 3.16, and with
 * an older one the import would fail before `attachHeartbeat()` could say that it is too old.
 */
export const EnhancedEventEmitter = observer.constructor as typeof Emitter;
// biome-ignore lint/suspicious/noExplicitAny: the arguments of any event, as mediasoup has it
export type EnhancedEventEmitter<Events extends Record<string, any[]>> = Emitter<Events>;
