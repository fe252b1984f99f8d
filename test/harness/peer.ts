import wrtc from '@roamhq/wrtc';
import * as current from 'mediasoup-client';
import { Chrome111 } from 'mediasoup-client/handlers/Chrome111';
import { Firefox120 } from 'mediasoup-client/handlers/Firefox120';
import * as oldest from 'mediasoup-client-oldest';
import { installWebRtc } from '../../examples/meeting/peers/webrtc.ts';

installWebRtc();

// React Native's MediaStream has a method more.
Object.assign(MediaStream.prototype, { release: () => {} });

/** Firefox's handler asks a canvas what the browser can do. All else of it runs on libwebrtc. */
const firefoxOnLibwebrtc = {
  ...Firefox120.createFactory({}),
  getNativeRtpCapabilities: Chrome111.createFactory({}).getNativeRtpCapabilities,
};

/** The tested versions of mediasoup-client: the latest, and the oldest supported one. */
export const CLIENTS = { current, oldest };

/** A mediasoup-client Device on a real libwebrtc, not loaded yet. */
export function createDevice(
  version: keyof typeof CLIENTS = 'current',
  handlerName: current.types.BuiltinHandlerName = 'Chrome111',
): current.types.Device {
  const { Device } = CLIENTS[version];

  return new Device(handlerName === 'Firefox120' ? { handlerFactory: firefoxOnLibwebrtc } : { handlerName });
}

/** A live audio track that sends nothing. */
export function createSilentTrack(): MediaStreamTrack {
  return new wrtc.nonstandard.RTCAudioSource().createTrack();
}
