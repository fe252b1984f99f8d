import wrtc from '@roamhq/wrtc';

/** Puts libwebrtc where mediasoup-client finds it in a browser. */
export function installWebRtc(): void {
  const { RTCPeerConnection, MediaStream, RTCSessionDescription } = wrtc;

  Object.assign(globalThis, { RTCPeerConnection, MediaStream, RTCSessionDescription });
}

/** An audio track with a quiet tone. */
export function createAudioTrack(): MediaStreamTrack {
  const source = new wrtc.nonstandard.RTCAudioSource();
  const samples = Int16Array.from({ length: 480 }, (_, i) => 500 * Math.sin((2 * Math.PI * i) / 48));

  setInterval(() => {
    source.onData({ samples, sampleRate: 48_000, bitsPerSample: 16, channelCount: 1, numberOfFrames: 480 });
  }, 10);

  return source.createTrack();
}
