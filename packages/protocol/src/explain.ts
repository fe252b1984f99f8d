import type { Reason, Snapshot } from './Reason.ts';
import type { Stats } from './Stats.ts';

/** What can be explained: the heartbeat of a transport, on either side. */
export type Explainable = {
  readonly stats: Stats;
  readonly getSnapshot: () => Snapshot;
};

/** The side that judges. */
export type ExplainingSide = 'server' | 'client';

/** What a reason is put into words with. */
type Facts = {
  /** The other side. */
  peer: 'client' | 'server';
  /** The pings that are missing, and since when: "4 pings unanswered since 12:03:07.2 UTC". */
  missing: string;
};

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Each reason in words. They follow the state: "dead for 1.4 s: the client said goodbye". */
const WORDS: Readonly<Record<Reason, (facts: Facts) => string>> = {
  new: ({ peer }) => `nothing is known of the ${peer} yet`,
  'no-client-half': () => 'the client runs no heartbeat, or has switched it off',
  'no-server-half': () => 'the server runs no heartbeat, or has switched it off',
  'not-connected': () => 'the transport has not connected',
  'version-mismatch': ({ peer }) => `the ${peer} speaks no version of the protocol that this side speaks`,
  'stream-id-taken': () => 'the application uses the SCTP stream of the heartbeat',
  'fake-handler': () => 'the device has a FakeHandler, and nothing to judge',
  'unsupported-client': () => 'this mediasoup-client lacks a method that the heartbeat needs',
  'first-pong': () => 'the client answers',
  'first-ping': () => 'the server pings',
  recovered: ({ peer }) => `the ${peer} has come back`,
  'missed-pings': ({ missing }) => missing,
  'page-unresponsive': ({ missing }) => `the page hangs: ${missing}`,
  'server-unresponsive': ({ missing }) => `the server process hangs: ${missing}`,
  'server-network': ({ missing }) =>
    `most clients fell silent at once, so the network of the server is suspect: ${missing}`,
  'worker-unresponsive': () => 'the mediasoup worker of this server does not answer',
  'downlink-lost': ({ missing }) => `nothing reaches the client, which says so itself: ${missing}`,
  'page-frozen': () => 'the browser has frozen the page',
  goodbye: ({ peer }) => `the ${peer} said goodbye`,
  'no-answer': ({ peer }) => `the ${peer} has accepted, and was never heard`,
  'ice-disconnected': ({ missing }) => `ICE is disconnected, ${missing}`,
  'dtls-closed': ({ peer }) => `the ${peer} has closed DTLS`,
  'dtls-failed': () => 'DTLS has failed',
  'sctp-closed': () => 'the SCTP association is closed',
  'sctp-failed': () => 'the SCTP association has failed',
  'connection-failed': () => 'the browser has given up the connection',
  'channel-closed': ({ peer }) => `the ${peer} has closed the data channel of the heartbeat`,
  'channel-lost': () => 'the browser has given up the connection, and closed its data channels for good',
  'protocol-violation': ({ peer }) => `the ${peer} broke the protocol beyond what an accident explains`,
  'transport-closed': () => 'the transport was closed',
  'router-closed': () => 'the Router or its Worker was closed',
  'worker-died': () => 'the mediasoup Worker has died',
  'heartbeat-closed': () => 'the heartbeat was closed',
  'channel-failed': () => 'mediasoup refused the data channel of the heartbeat',
};

/** What the path says, while answers are missing. */
const PATH = {
  carries: 'the transport still receives',
  silent: 'the transport receives nothing',
  unknown: '',
};

/** What is wrong with the own side. */
const HEALTH = {
  well: '',
  'server-network': 'most clients are silent at once',
  'worker-unresponsive': 'the worker does not answer',
};

/**
 * Puts a verdict and its evidence into words, for logs and support: "suspect for 1.4 s: 4 pings unanswered since 12:03:07.2 UTC; the
 * transport still receives; RTT was 24 ms, loss 0.4 %". Pure: the times are those of the figures.
 *
 * @param side - The side that the heartbeat is on. The entry points `explain` of the server and client packages know it.
 */
export function explain(heartbeat: Explainable, side: ExplainingSide): string {
  const { stats } = heartbeat;
  const { state, reason, at } = heartbeat.getSnapshot();
  const isOver = state === 'closed';
  const facts: Facts = { peer: side === 'server' ? 'client' : 'server', missing: missing(stats, side) };
  const parts = [
    WORDS[reason](facts),
    isOver ? '' : PATH[stats.evidence.path],
    // The reason may have said that.
    isOver || stats.localHealth === reason ? '' : HEALTH[stats.localHealth],
    stats.hidden && !isOver ? 'the page is in the background' : '',
    figures(stats, state === 'alive' ? '' : 'was '),
    outages(stats),
  ];

  return `${state} for ${duration(stats.at - at)}: ${parts.filter(part => part !== '').join('; ')}`;
}

function missing({ evidence, lastSeenAt, at }: Stats, side: ExplainingSide): string {
  const since = lastSeenAt === undefined ? '' : ` since ${clockTime(lastSeenAt, at)}`;

  if (evidence.missed === 0) {
    return lastSeenAt === undefined ? 'never heard' : `last heard at ${clockTime(lastSeenAt, at)}`;
  }

  const pings = evidence.missed === 1 ? '1 ping' : `${evidence.missed} pings`;

  return `${pings} ${side === 'server' ? 'unanswered' : 'missing'}${since}`;
}

function figures({ rtt, loss }: Stats, was: string): string {
  const figures = [
    rtt.smoothed === undefined ? '' : `RTT ${was}${Math.round(rtt.smoothed)} ms`,
    loss.round === undefined ? '' : `loss ${(loss.round * 100).toFixed(1)} %`,
  ];

  return figures.filter(figure => figure !== '').join(', ');
}

function outages({ outages: { count, longest } }: Stats): string {
  const times = count === 1 ? '1 outage of' : `${count} outages, the longest of`;

  return count === 0 ? '' : `${times} ${duration(longest)}`;
}

function duration(ms: number): string {
  const rest = Math.max(0, ms);

  if (rest < MINUTE) {
    // Not "60.0 s".
    return `${(Math.floor(rest / 100) / 10).toFixed(1)} s`;
  } else if (rest < HOUR) {
    return `${Math.floor(rest / MINUTE)} min ${Math.floor((rest % MINUTE) / SECOND)} s`;
  } else if (rest < DAY) {
    return `${Math.floor(rest / HOUR)} h ${Math.floor((rest % HOUR) / MINUTE)} min`;
  }

  return `${Math.floor(rest / DAY)} d ${Math.floor((rest % DAY) / HOUR)} h`;
}

/** The time of day, in UTC, so that the logs of both sides agree. With the date where it is not of the last 24 hours. */
function clockTime(at: number, now: number): string {
  const [date = '', time = ''] = new Date(at).toISOString().split('T');
  const tenths = time.slice(0, 'hh:mm:ss.s'.length);

  return now - at < DAY ? `${tenths} UTC` : `${date} ${tenths} UTC`;
}
