import { decodeFrame, encodeFrame, type Frame } from '@mediasoup-heartbeat/protocol';
import type { types } from 'mediasoup';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { RawClient } from '../../test/harness/RawClient.ts';
import type { PeerNews, PeerOrder } from './messages.ts';
import { SeenPings } from './SeenPings.ts';

// The peers of one server, in a process of their own, so that only the server's work is measured. Each is a real libwebrtc, and
// answers after its distance, as one that far away would.

/** How long the answer on a raw channel is: as a pong of the usual size. */
const ANSWER_BYTES = 20;

/** The longest time that a pong can say, in quarters of a ms. */
const MAX_HOLD = 0xffff;

const connected = new Map<number, () => void>();

process.on('message', async (order: PeerOrder) => {
  switch (order.kind) {
    case 'connect': {
      await connect(order);
      tell({ kind: 'ready', index: order.index });
      break;
    }
    case 'connected': {
      connected.get(order.index)?.();
      break;
    }
    case 'ws': {
      await Promise.all(order.distances.map(distance => answerWebSocket(order.url, distance)));
      tell({ kind: 'ready' });
      break;
    }
    case 'socket.io': {
      const sockets = Array.from({ length: order.peers }, () =>
        io(order.url, { transports: ['websocket'], forceNew: true }),
      );

      await Promise.all(sockets.map(socket => new Promise<void>(resolve => socket.once('connect', resolve))));
      tell({ kind: 'ready' });
      break;
    }
  }
});

process.on('disconnect', () => process.exit(0));

function tell(news: PeerNews): void {
  process.send?.(news, undefined, undefined, () => {});
}

async function connect({ index, transport, distance, speaks, port }: PeerOrder & { kind: 'connect' }) {
  const client = new RawClient({
    transport: {
      ...transport,
      connect: ({ dtlsParameters }: { dtlsParameters: types.DtlsParameters }) =>
        new Promise<void>(resolve => {
          connected.set(index, resolve);
          tell({ kind: 'connect', index, dtlsParameters });
        }),
    } as unknown as types.WebRtcTransport,
    streamId: 0,
    acceptance: speaks === 'ours' ? { version: 1 } : undefined,
    ...(port === undefined ? {} : { port }),
  });
  const seen = new SeenPings();

  client.channel.onmessage = ({ data }) => {
    const receivedAt = performance.now();

    setTimeout(() => {
      const lateness = performance.now() - receivedAt - distance;
      const answer = speaks === 'ours' ? pongTo(data, lateness, seen) : rawAnswer(lateness);

      if (answer !== undefined && client.channel.readyState === 'open') {
        client.send(answer);
      }
    }, distance);
  };
  await client.connect();
}

/** The pong to a ping. `hold` takes off what the timer was late by, so the server should measure the distance. */
function pongTo(data: ArrayBuffer, hold: number, seen: SeenPings): Uint8Array | undefined {
  const frame: Frame = decodeFrame(new Uint8Array(data), 1);

  return frame.type === 'ping'
    ? encodeFrame(
        {
          type: 'pong',
          seq: frame.seq,
          token: frame.token,
          hold: Math.min(MAX_HOLD, Math.max(0, Math.round(hold * 4))),
          seen: seen.take(frame.seq),
          hidden: 0,
        },
        1,
      )
    : undefined;
}

/** As {@link pongTo}, on a raw channel. */
function rawAnswer(lateness: number): Uint8Array {
  const answer = Buffer.alloc(ANSWER_BYTES);

  answer.writeDoubleLE(lateness);

  return answer;
}

async function answerWebSocket(url: string, distance: number): Promise<void> {
  const socket = new WebSocket(url, { autoPong: false });

  socket.on('ping', () => setTimeout(() => socket.pong(), distance));
  await new Promise(resolve => socket.once('open', resolve));
}
