import type { EnhancedEventEmitter } from 'mediasoup/extras';
import type { Transport } from 'mediasoup/types';
import { shared } from './shared.ts';

/** Transports that never had a DataConsumer, whose first one has stream id 0 therefore. Known to all copies of this package. */
const untouched = shared('untouched', () => new WeakSet<Transport>());

/** Takes note of a transport's first DataConsumer. To be called when the transport is created. */
export function watchDataConsumers(transport: Transport): void {
  untouched.add(transport);

  // biome-ignore lint/suspicious/noExplicitAny: the types of transport have observers of their own
  const observer = transport.observer as EnhancedEventEmitter<any>;

  observer.once('newdataconsumer', () => untouched.delete(transport));
}

/** Whether it is known that the next DataConsumer is the transport's first. */
export function isUntouched(transport: Transport): boolean {
  return untouched.has(transport);
}

/** Data is about to be consumed. */
export function touch(transport: Transport): void {
  untouched.delete(transport);
}
