import type { types } from 'mediasoup';
import { RawClient } from '../../test/harness/RawClient.ts';
import { WirePeer } from '../../test/harness/WirePeer.ts';

// A client in a process of its own, so that only the server's work is measured. Its parent says over IPC which
// transport to connect to, and whether to answer its pings or to flood it.

/** The parent's first message. */
export type Start = {
  transport: Pick<types.WebRtcTransport, 'id' | 'iceParameters' | 'iceCandidates' | 'dtlsParameters'>;
  /** Messages per second. 0: answers pings, and sends nothing else. */
  flood: number;
};

/** How often a share of the flood is sent, in ms. */
const TICK = 5;

process.once('message', async ({ transport: parameters, flood }: Start) => {
  const transport = {
    ...parameters,
    connect: (answer: { dtlsParameters: types.DtlsParameters }) =>
      new Promise<void>(resolve => {
        process.once('message', () => resolve());
        process.send?.({ connect: answer });
      }),
  } as unknown as types.WebRtcTransport;

  if (flood === 0) {
    await new WirePeer({ transport, streamId: 0 }).connect();
  } else {
    const client = new RawClient({ transport, streamId: 0, acceptance: { version: 1 } });
    const message = new Uint8Array(20);

    await client.connect();
    setInterval(() => {
      for (let i = 0; i < (flood * TICK) / 1000; i++) {
        client.send(message);
      }
    }, TICK);
  }
});
