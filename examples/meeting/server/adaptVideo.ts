import type { Heartbeat } from '@mediasoup-heartbeat/server';
import { type BreakerChange, watchCircuit } from '@mediasoup-heartbeat/server/breaker';
import type { types } from 'mediasoup';

/** How much of a video a client gets: all of it, its lowest layers, or nothing. */
export type VideoLevel = 'full' | 'low' | 'paused';

const LOWEST: types.ConsumerLayers = { spatialLayer: 0, temporalLayer: 0 };

/**
 * Adapts a video to the path of the client that gets it, as the circuit breaker of RFC 8083 advises. On a bad path it lowers the layers. If
 * that does not help, it pauses the video, so that the audio gets through. When the path is well again it tries the lowest layers first.
 *
 * Copy this file: it needs nothing else of the example. If your application pauses consumers for other reasons, too, let it remember why.
 *
 * @param consumer - Gets the video. Lower layers need simulcast or SVC. A video with one layer is paused at once.
 * @param heartbeat - That of the consumer's transport.
 * @param tell - Called with each change.
 */
export function adaptVideo(
  consumer: types.Consumer,
  heartbeat: Heartbeat,
  tell: (level: VideoLevel) => void,
): void {
  const usual = consumer.preferredLayers;
  const hasLayers = consumer.type !== 'simple' && usual !== undefined;
  let level: VideoLevel = 'full';
  // One change after the other.
  let done = Promise.resolve();

  watchCircuit(consumer, heartbeat).on('change', change => {
    const wanted = levelFor(change, hasLayers);

    if (wanted !== level) {
      level = wanted;
      tell(level);
      done = done.then(() => apply(wanted)).catch(ignoreIfClosed);
    }
  });

  async function apply(wanted: VideoLevel): Promise<void> {
    if (wanted === 'paused') {
      await consumer.pause();
    } else {
      if (hasLayers) {
        await consumer.setPreferredLayers(wanted === 'full' ? usual : LOWEST);
      }

      await consumer.resume();
    }
  }

  function ignoreIfClosed(error: unknown): void {
    if (!consumer.closed) {
      console.error(`The video ${consumer.id} could not be adapted:`, error);
    }
  }
}

function levelFor({ state, advice }: BreakerChange, hasLayers: boolean): VideoLevel {
  switch (advice) {
    case 'none':
      return state === 'half-open' && hasLayers ? 'low' : 'full';
    case 'reduce':
      return hasLayers ? 'low' : 'paused';
    default:
      return 'paused';
  }
}
