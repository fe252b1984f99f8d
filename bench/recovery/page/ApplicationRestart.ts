import type { types } from 'mediasoup-client';
import type { Signalling } from './Signalling.ts';

/** The pause after a restart that did not help, or could not be asked for, in ms. It doubles up to the longest. */
const PAUSE = 2000;
const LONGEST_PAUSE = 8000;

/**
 * What applications do today: when the transport says so, they ask their server for new ICE parameters and restart, and
 * again until it is connected.
 */
export function restartByApplication(
  transport: types.Transport,
  signalling: Signalling,
  on: 'failed' | 'disconnected',
): void {
  let running = false;

  transport.on('connectionstatechange', async state => {
    if (running || (state !== on && state !== 'failed')) return;

    running = true;

    for (let pause = PAUSE; transport.connectionState !== 'connected'; pause *= 2) {
      try {
        const iceParameters = await signalling.request('restartIce', { transportId: transport.id });

        await transport.restartIce({ iceParameters });
      } catch {
        // The signalling is down as well.
      }

      await new Promise(resolve => setTimeout(resolve, Math.min(pause, LONGEST_PAUSE)));
    }

    running = false;
  });
}
