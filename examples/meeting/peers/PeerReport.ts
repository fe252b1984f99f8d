import type { Recovered } from '@mediasoup-heartbeat/client';
import type { StreamState } from '@mediasoup-heartbeat/client/media';
import type { Direction } from '../signaling/messages.ts';

/** What a client in Node tells the process that started it, beside its network and its signalling. */
export type PeerReport =
  | { packets: number }
  | { media: StreamState }
  | { direction: Direction; recovered: Recovered };

/** What that process asks of it: to report how many packets have come, or to take the sound from its microphone. */
export type PeerRequest = 'packets' | 'muteSource';
