import {
  attachHeartbeat,
  type Heartbeat,
  type HeartbeatOptions,
  type StateChange,
} from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup';

type Participant = { peerId: string };

const options: HeartbeatOptions = { preset: 'balanced', closeOnDead: { grace: 60_000 } };

export async function watch(
  transport: types.WebRtcTransport,
  tell: (change: StateChange) => void,
): Promise<Heartbeat> {
  const heartbeat = await attachHeartbeat(transport, options);
  const rtt: number | undefined = heartbeat.stats.rtt.smoothed;

  heartbeat.on('statechange', change => tell(change));
  heartbeat.on('sample', sample => console.log(sample.rtt, rtt));

  // @ts-expect-error There is no such state.
  heartbeat.state === 'gone';

  return heartbeat;
}

export type { Participant };
