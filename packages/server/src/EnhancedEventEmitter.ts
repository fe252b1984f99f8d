import { observer } from 'mediasoup';
import type { EnhancedEventEmitter as Emitter } from 'mediasoup/extras';

/**
 * mediasoup's own event emitter, taken from one of its objects. `mediasoup/extras` exists since mediasoup 3.16: with an older one
 * the import would fail before `attachHeartbeat()` could say that mediasoup is too old.
 */
export const EnhancedEventEmitter = observer.constructor as typeof Emitter;
// biome-ignore lint/suspicious/noExplicitAny: the arguments of any event, as mediasoup has it
export type EnhancedEventEmitter<Events extends Record<string, any[]>> = Emitter<Events>;
