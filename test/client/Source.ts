import type { types } from 'mediasoup';
import { startRouter } from '../harness/server.ts';

/** A Router with media and data to receive. */
export type Source = {
  worker: types.Worker;
  router: types.Router;
  direct: types.DirectTransport;
  producer: types.Producer;
  dataProducer: types.DataProducer;
};

/** Starts a Worker with a {@link Source}. */
export async function startSource(): Promise<Source> {
  const { worker, router } = await startRouter();
  const direct = await router.createDirectTransport();
  const producer = await direct.produce({
    kind: 'audio',
    rtpParameters: {
      codecs: [{ mimeType: 'audio/opus', payloadType: 100, clockRate: 48_000, channels: 2 }],
      encodings: [{ ssrc: 1111 }],
    },
  });

  return { worker, router, direct, producer, dataProducer: await direct.produceData() };
}
