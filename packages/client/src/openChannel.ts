import { CHANNEL_LABEL, STREAM_OPTIONS } from '@mediasoup-heartbeat/protocol';
import type { types } from 'mediasoup-client';
import type { Handler } from './handler.ts';

/** How many stream ids below its own the heartbeat may use up on a sending transport. Measured to work up to 8. */
const MAX_BURNT_IDS = 8;

/** The stream id is in use, or out of reach: a sending transport counts its ids up from 0. */
export class StreamIdTaken extends Error {
  override readonly message = 'the application has the stream';
}

/** Whether {@link openChannel} can get a stream id. */
export function isInReach({ direction }: types.Transport, streamId: number): boolean {
  return direction === 'recv' || streamId <= MAX_BURNT_IDS;
}

/**
 * Opens the heartbeat's channel on its stream by the handler's public methods, which return the RTCDataChannel that
 * mediasoup-client hides behind a DataProducer or DataConsumer. They renegotiate the session.
 *
 * @throws StreamIdTaken if the application uses the stream
 */
export async function openChannel(
  { direction }: types.Transport,
  handler: Pick<Handler, 'sendDataChannel' | 'receiveDataChannel'>,
  streamId: number,
): Promise<RTCDataChannel> {
  const named = { label: CHANNEL_LABEL, protocol: CHANNEL_LABEL };

  if (direction === 'recv') {
    const sctpStreamParameters = { streamId, ...STREAM_OPTIONS };

    return (await handler.receiveDataChannel({ sctpStreamParameters, ...named })).dataChannel;
  }

  for (;;) {
    // Flat arguments are those of mediasoup-client up to 3.18, nested ones those since 3.19. Neither lets a stream id be
    // chosen: ids count up from 0, so the ones below are used up.
    const { dataChannel, sctpStreamParameters } = await handler.sendDataChannel({
      ...STREAM_OPTIONS,
      ...named,
      sctpStreamParameters: { ...STREAM_OPTIONS, ...named },
    });

    if (sctpStreamParameters.streamId === streamId) {
      return dataChannel;
    }

    dataChannel.close();

    if (sctpStreamParameters.streamId > streamId) {
      throw new StreamIdTaken();
    }
  }
}
