import wrtc from '@roamhq/wrtc';
import * as current from 'mediasoup-client';
import { Chrome111 } from 'mediasoup-client/handlers/Chrome111';
import { Firefox120 } from 'mediasoup-client/handlers/Firefox120';
import * as oldest from 'mediasoup-client-oldest';

// mediasoup-client finds WebRTC where a browser has it.
for (const name of ['RTCPeerConnection', 'MediaStream', 'RTCSessionDescription'] as const) {
  Object.assign(globalThis, { [name]: wrtc[name] });
}

// React Native's MediaStream has a method more.
Object.assign(MediaStream.prototype, { release: () => {} });

/** Firefox's handler asks a canvas what the browser can do. All else of it runs on libwebrtc. */
const firefoxOnLibwebrtc = {
  ...Firefox120.createFactory({}),
  getNativeRtpCapabilities: Chrome111.createFactory({}).getNativeRtpCapabilities,
};

/** The versions of mediasoup-client that the client half is tested with: the latest, and the oldest that it supports. */
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

/** A live audio track with a tone. Stop it when it is no longer needed. */
export function createAudioTrack(): MediaStreamTrack {
  const source = new wrtc.nonstandard.RTCAudioSource();
  const track = source.createTrack();
  const samples = Int16Array.from({ length: 480 }, (_, i) => 8000 * Math.sin((2 * Math.PI * i) / 48));
  const timer = setInterval(() => {
    if (track.readyState === 'ended') {
      clearInterval(timer);
    } else {
      source.onData({ samples, sampleRate: 48_000, bitsPerSample: 16, channelCount: 1, numberOfFrames: 480 });
    }
  }, 10);

  timer.unref();

  return track;
}
