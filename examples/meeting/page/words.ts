import type { Reason, State } from '@mediasoup-heartbeat/client';
import type { DisturbanceName, MarkName } from '../signaling/messages.ts';

/** Each reason as a participant would say it. */
export const REASONS: Record<Reason, string> = {
  new: 'Joining',
  'no-client-half': 'Does not run the heartbeat',
  'no-server-half': 'The server does not run the heartbeat',
  'not-connected': 'Not connected yet',
  'version-mismatch': 'Speaks another version of the protocol',
  'stream-id-taken': 'The application uses the heartbeat’s stream',
  'fake-handler': 'Runs in a unit test',
  'unsupported-client': 'Its mediasoup-client is not supported',
  'first-pong': 'Answers pings',
  'first-ping': 'Gets pings',
  recovered: 'Is back, answers pings',
  'missed-pings': 'No answer, and its network is silent',
  'page-unresponsive': 'The page hangs, its network works',
  'server-unresponsive': 'The server hangs, its network works',
  'server-network': 'The server’s own network fails',
  'worker-unresponsive': 'The server’s media worker hangs',
  'downlink-lost': 'Is heard, but nothing reaches it',
  'page-frozen': 'The browser froze the page',
  goodbye: 'Left and said goodbye',
  'no-answer': 'Connected, but never answered',
  'ice-disconnected': 'Its network path is gone',
  'dtls-closed': 'Closed the connection',
  'dtls-failed': 'The encryption failed',
  'sctp-closed': 'Closed its data channels',
  'sctp-failed': 'Its data channels failed',
  'connection-failed': 'The connection failed',
  'channel-closed': 'Closed the heartbeat’s channel',
  'channel-lost': 'The connection failed, and its channels with it',
  'protocol-violation': 'Broke the protocol',
  'transport-closed': 'Has left',
  'router-closed': 'The room was closed',
  'worker-died': 'The server’s media worker died',
  'heartbeat-closed': 'The heartbeat was switched off',
  'channel-failed': 'The heartbeat’s channel failed',
};

/** A sign for each state, so that nobody needs to see colours. */
export const SIGNS: Record<State, string> = {
  pending: '○',
  alive: '●',
  suspect: '▲',
  dead: '✕',
  closed: '○',
};

/** What can be marked in a timeline: its sign and its words. U+FE0E keeps a phone from showing a coloured picture. */
export const MARKS: Record<MarkName, { sign: string; words: string }> = {
  cut: { sign: '✂\uFE0E', words: 'network cut' },
  'bad-network': { sign: '≈', words: 'bad network' },
  walk: { sign: '⇥', words: 'walked out of the door' },
  mute: { sign: 'M', words: 'muted' },
  freeze: { sign: '❄\uFE0E', words: 'process frozen' },
  leave: { sign: '⏏\uFE0E', words: 'tab closed' },
  kill: { sign: '☠\uFE0E', words: 'process killed' },
  back: { sign: '⇤', words: 'back on another path' },
  restored: { sign: '↺', words: 'restored' },
};

/** A disturbance that lasts, before its count-down. */
export const DISTURBANCES: Record<DisturbanceName, string> = {
  cut: 'Network cut',
  'bad-network': 'Bad network',
  walk: 'Out of the door',
  mute: 'Muted',
  freeze: 'Frozen',
};

/** What becomes of the video that a client gets, if not all of it. */
export const RECEIVED_VIDEO: Record<'full' | 'low' | 'paused', string> = {
  full: '',
  low: 'Video in low quality: connection poor',
  paused: 'Video paused: connection too poor',
};

/** “1.9 s”. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** “1,240 ms”. */
export function milliseconds(ms: number): string {
  return `${Math.round(ms).toLocaleString('en')} ms`;
}

/** “4 s”, “3 min”: how long ago, or how much longer. */
export function wholeSeconds(ms: number): string {
  const whole = Math.max(0, Math.round(ms / 1000));

  return whole < 120 ? `${whole} s` : `${Math.round(whole / 60)} min`;
}
