import type { EnhancedEventEmitter } from 'mediasoup/extras';
import type { Transport } from 'mediasoup/types';
import { shared } from './shared.ts';

/** Transports that never had a DataConsumer: their first one gets stream id 0. */
export const untouched = shared('untouched', () => new WeakSet<Transport>());

/** Watches for a transport's first DataConsumer. Call it when the transport is created. */
export function watchDataConsumers(transport: Transport): void {
  untouched.add(transport);

  // biome-ignore lint/suspicious/noExplicitAny: the types of transport have observers of their own
  const observer = transport.observer as EnhancedEventEmitter<any>;

  observer.once('newdataconsumer', () => untouched.delete(transport));
}
