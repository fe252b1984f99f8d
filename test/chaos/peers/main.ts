import { enableHeartbeat } from '@mediasoup-heartbeat/client';
import type { types } from 'mediasoup-client';
import { createDevice } from '../../harness/peer.ts';
import type { News, Order } from './messages.ts';

// Clients on real libwebrtc in a process of their own, which its parent controls: see PeerProcess.ts.

type Peer = { transport: types.Transport; connected: () => void; leave: () => void };

/** How often the process checks whether it stalled, and how late the check may be, in ms. */
const PULSE = 100;
const LATE = 400;

const peers = new Map<string, Peer>();
// Fails where the parent has just gone.
const tell = (news: News) => process.send?.(news, undefined, undefined, () => {});
const now = () => performance.timeOrigin + performance.now();

process.on('message', (order: Order) => {
  switch (order.kind) {
    case 'join': {
      void join(order);
      break;
    }
    case 'connected': {
      peers.get(order.peer)?.connected();
      break;
    }
    case 'restartIce': {
      // Refused by a transport that is closing.
      peers
        .get(order.peer)
        ?.transport.restartIce({ iceParameters: order.iceParameters })
        .catch(() => {});
      break;
    }
    case 'leave': {
      peers.get(order.peer)?.leave();
      peers.delete(order.peer);
      break;
    }
  }
});

// The parent is gone.
process.on('disconnect', () => process.exit(0));

let beatAt = now();

setInterval(() => {
  const time = now();

  if (time - beatAt > PULSE + LATE) {
    tell({ kind: 'paused', from: beatAt, to: time });
  }

  beatAt = time;
}, PULSE);

async function join({ peer, capabilities, transport: options, heartbeat }: Order & { kind: 'join' }) {
  const device = createDevice();
  const heartbeats = enableHeartbeat(device, { connectIdleAfter: 0, ...heartbeat });

  await device.load({ routerRtpCapabilities: capabilities });

  const transport = device.createRecvTransport(options);
  const side = heartbeats.transports.get(transport.id);
  let connected = () => {};

  transport.on('connect', ({ dtlsParameters }, callback) => {
    connected = callback;
    tell({ kind: 'connect', peer, dtlsParameters });
  });
  side?.on('statechange', change => {
    if (change.state !== 'closed') {
      tell({ kind: 'change', peer, change });
    }
  });
  peers.set(peer, {
    transport,
    connected: () => connected(),
    leave: () => {
      const state = side?.state ?? 'pending';

      transport.close();
      heartbeats.close();
      tell({ kind: 'left', peer, state });
    },
  });
}
