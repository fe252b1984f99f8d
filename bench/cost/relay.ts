import { UdpRelay } from '../../examples/meeting/relay/UdpRelay.ts';
import type { Directions, Passed, RelayNews, RelayOrder } from './messages.ts';

// The network between one server and its peers, in a process of its own: counts what passes, and loses some of it.

const relays: UdpRelay[] = [];

process.on('message', async (order: RelayOrder) => {
  switch (order.kind) {
    case 'open': {
      const relay = await UdpRelay.open(order.serverPort, order.seed);

      relays.push(relay);
      tell({ kind: 'opened', serverPort: order.serverPort, port: relay.port });
      break;
    }
    case 'lose': {
      for (const relay of relays) {
        relay.impair({ loss: order.loss.uplink }, 'uplink');
        relay.impair({ loss: order.loss.downlink }, 'downlink');
      }

      tell({ kind: 'losing' });
      break;
    }
    case 'count': {
      tell({ kind: 'counted', passed: { uplink: passed('uplink'), downlink: passed('downlink') } });
      break;
    }
  }
});

process.on('disconnect', () => process.exit(0));

function tell(news: RelayNews): void {
  process.send?.(news, undefined, undefined, () => {});
}

function passed(direction: keyof Directions<unknown>): Passed {
  const tallies = relays.map(({ tally }) => tally[direction]);

  return {
    packets: tallies.reduce((sum, { forwarded }) => sum + forwarded, 0),
    bytes: tallies.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
