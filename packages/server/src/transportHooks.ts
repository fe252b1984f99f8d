import type { Descriptor } from '@mediasoup-heartbeat/protocol';
import type { EnhancedEventEmitter } from 'mediasoup/extras';
import type { DataProducer } from 'mediasoup/types';
import type { HeartbeatTransport } from './Heartbeat.ts';
import { overrideProperty, type Restore } from './overrideProperty.ts';

/**
 * Lets the descriptor ride in `transport.sctpParameters`, which every application sends to its client. The
 * getter is overridden on this one instance; what it returns is a copy, as mediasoup's is since 3.20.1.
 */
export function advertise(transport: HeartbeatTransport, descriptor: Descriptor): Restore {
  const { sctpParameters } = transport;

  return overrideProperty(transport, 'sctpParameters', {
    get: () => ({ ...sctpParameters, heartbeat: { ...descriptor } }),
  });
}

/** Calls back with what the client added to its DTLS parameters, once `transport.connect()` has succeeded. */
export function onConnect(transport: HeartbeatTransport, connected: (acceptance: unknown) => void): Restore {
  // biome-ignore lint/suspicious/noExplicitAny: connect() takes other parameters for each type of transport
  const connect = transport.connect as (params: any) => Promise<void>;

  return overrideProperty(transport, 'connect', {
    value: async (params: { dtlsParameters?: { heartbeat?: unknown } }): Promise<void> => {
      await connect.call(transport, params);
      connected(params?.dtlsParameters?.heartbeat);
    },
  });
}

/** Calls back when an ICE restart has begun: the path will be down for a while, and nobody has died. */
export function onRestartIce(transport: HeartbeatTransport, restarting: () => void): Restore {
  if (transport.type !== 'webrtc') {
    return () => {};
  }

  const { restartIce } = transport;

  return overrideProperty(transport, 'restartIce', {
    value: (): ReturnType<typeof restartIce> => {
      restarting();

      return restartIce.call(transport);
    },
  });
}

/** Calls back before the application consumes data, which gives it the transport's next stream id. */
export function onConsumeData(transport: HeartbeatTransport, consuming: () => void): Restore {
  const { consumeData } = transport;

  return overrideProperty(transport, 'consumeData', {
    value: (...args: Parameters<typeof consumeData>): ReturnType<typeof consumeData> => {
      consuming();

      return consumeData.apply(transport, args);
    },
  });
}

/** Calls back when the application has produced data, with the stream id. */
export function onDataProducer(
  transport: HeartbeatTransport,
  produced: (streamId: number | undefined) => void,
): Restore {
  // biome-ignore lint/suspicious/noExplicitAny: the three types of transport have observers of their own
  const observer = transport.observer as EnhancedEventEmitter<any>;
  const listener = ({ sctpStreamParameters }: DataProducer) => produced(sctpStreamParameters?.streamId);

  observer.on('newdataproducer', listener);

  return () => observer.off('newdataproducer', listener);
}

/** Calls back before the application closes the transport, while the peer can still be told. */
export function onClose(transport: HeartbeatTransport, closing: () => void): Restore {
  const { close } = transport;

  return overrideProperty(transport, 'close', {
    value: (): void => {
      if (!transport.closed) {
        closing();
      }

      close.call(transport);
    },
  });
}
