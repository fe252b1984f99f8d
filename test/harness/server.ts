// Import the heartbeat first: it learns of Routers only from Workers that are created after it was loaded.
import '@mediasoup-heartbeat/server';
import { createWorker, type types } from 'mediasoup';

const MEDIA_CODECS: types.RouterRtpCodecCapability[] = [
  { kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 },
  { kind: 'video', mimeType: 'video/VP8', clockRate: 90_000 },
];

/** A real mediasoup Worker with one Router. Close it with `worker.close()`. */
export async function startRouter(): Promise<{ worker: types.Worker; router: types.Router }> {
  const worker = await createWorker({ logLevel: 'error' });

  return { worker, router: await worker.createRouter({ mediaCodecs: MEDIA_CODECS }) };
}

/** A WebRtcTransport on loopback, with SCTP unless told otherwise. */
export async function createTransport(
  router: types.Router,
  { enableSctp = true } = {},
): Promise<types.WebRtcTransport> {
  return router.createWebRtcTransport({ listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }], enableSctp });
}
