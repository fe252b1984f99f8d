import type { types } from 'mediasoup-client';
import { OPERATIONS } from './handler.ts';

// To read mediasoup-client's version this package would have to import it, which would add a second copy to some bundles. So the
// methods that are used are checked. A handler of the application's own (`handlerFactory`) may lack one, too.

const HANDLER = [...OPERATIONS, 'stopSending', 'restartIce', 'updateIceServers', 'listeners', 'close'];

/** What this mediasoup-client lacks, as a sentence, as far as it shows before there is a transport. */
export function whatDeviceLacks({ observer }: types.Device): string | undefined {
  return explain('device.observer', observer, ['prependOnceListener']);
}

/** What this mediasoup-client, or the handler of this transport, lacks, as a sentence. */
export function whatTransportLacks({ handler }: types.Transport): string | undefined {
  return explain('transport.handler', handler, HANDLER);
}

function explain(name: string, owner: unknown, methods: readonly string[]): string | undefined {
  const lacking = methods.find(
    method => typeof (owner as Record<string, unknown> | undefined)?.[method] !== 'function',
  );

  return (
    lacking &&
    `this mediasoup-client has no ${name}.${lacking}(). The heartbeat needs mediasoup-client >=3.7.0 <4: ` +
      'npm install mediasoup-client@3'
  );
}
