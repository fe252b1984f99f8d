import type { PipeTransport, PlainTransport, Transport } from 'mediasoup/types';
import type { AnsweringHeartbeat } from './AnsweringHeartbeat.ts';
import { shared } from './shared.ts';

/** The transports that answer, by any copy of this package. */
export const answering = shared(
  'answering',
  () =>
    new WeakMap<
      PipeTransport | PlainTransport | Transport,
      { heartbeat: AnsweringHeartbeat; ready: Promise<void> }
    >(),
);
