import type { HeartbeatTransport } from './HeartbeatTransport.ts';

/** Closes all transports. One that throws, in a listener of the application, keeps none of the others open. */
export function closeAll(transports: readonly HeartbeatTransport[], failed: (error: Error) => void): void {
  for (const transport of transports) {
    try {
      transport.close();
    } catch (error) {
      failed(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
