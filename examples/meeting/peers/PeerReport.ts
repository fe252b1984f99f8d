import type { Recovered } from '@mediasoup-heartbeat/client';
import type { Direction } from '../signaling/messages.ts';

/** What a client in Node tells the process that started it, beside its network and its signalling. */
export type PeerReport = { packets: number } | { direction: Direction; recovered: Recovered };
