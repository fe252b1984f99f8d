import type { types } from 'mediasoup';
import { now } from '../clock.ts';
import type { Verdict } from '../signaling/messages.ts';

/** Judges a client by mediasoup's `iceConsentTimeout` alone: without ICE consent requests for 30 s it is gone. */
export class IceConsent {
  verdict: Verdict = { state: 'alive', at: now() };

  constructor(transport: types.WebRtcTransport) {
    transport.observer.on('icestatechange', iceState => {
      const state = iceState === 'disconnected' ? 'dead' : 'alive';

      if (state !== this.verdict.state) {
        this.verdict = { state, at: now() };
      }
    });
  }
}
