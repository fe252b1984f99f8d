import wrtc from '@roamhq/wrtc';

/**
 * An RTCPeerConnection whose `localDescription` is what was set, without the candidates gathered since. The native
 * one crashed the process when it was read while another thread added candidates. mediasoup needs none of them.
 */
class SteadyPeerConnection extends wrtc.RTCPeerConnection {
  #description: RTCSessionDescriptionInit | null = null;

  constructor(configuration?: RTCConfiguration) {
    super(configuration);
    Object.defineProperty((this as unknown as { _pc: object })._pc, 'localDescription', {
      get: () => this.#description,
    });
  }

  override async setLocalDescription(description: RTCSessionDescriptionInit): Promise<void> {
    await super.setLocalDescription(description);
    this.#description = description;
  }
}

/** Sets the globals that mediasoup-client finds in a browser to libwebrtc's. */
export function installWebRtc(): void {
  const { MediaStream, RTCSessionDescription } = wrtc;

  Object.assign(globalThis, { RTCPeerConnection: SteadyPeerConnection, MediaStream, RTCSessionDescription });
}

/** An audio track with a quiet tone, until it is stopped. */
export function createAudioTrack(): MediaStreamTrack {
  const source = new wrtc.nonstandard.RTCAudioSource();
  const track = source.createTrack();
  const samples = Int16Array.from({ length: 480 }, (_, i) => 500 * Math.sin((2 * Math.PI * i) / 48));
  const timer = setInterval(() => {
    if (track.readyState === 'ended') {
      clearInterval(timer);
    } else {
      source.onData({ samples, sampleRate: 48_000, bitsPerSample: 16, channelCount: 1, numberOfFrames: 480 });
    }
  }, 10);

  return track;
}
