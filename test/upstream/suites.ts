/** A test suite of mediasoup's or mediasoup-client's own, as it is compiled in their npm package. */
export type Suite = {
  /** Which side of the heartbeat is active in it. */
  side: 'server' | 'client';
  /** Its test files, in the project. */
  folder: string;
  /** What both sides import instead of the current versions. */
  packages: Record<string, string>;
  /** What the heartbeat must have done in it. */
  proof: readonly string[];
  /** The files that `npm test` runs: those about data channels, and what is quick. */
  selection: readonly string[];
};

const SERVER = {
  side: 'server',
  proof: ['heartbeats attached', 'descriptors advertised'],
  selection: ['test-DataConsumer', 'test-DataProducer', 'test-werift-sctp'],
} as const;

const CLIENT = {
  side: 'client',
  proof: ['devices enabled', 'acceptances sent', 'channels negotiated'],
  selection: ['test'],
} as const;

/** By the name under which the package is installed here. */
export const suites = {
  mediasoup: {
    ...SERVER,
    folder: 'node_modules/mediasoup/node/lib/test',
    packages: {},
  },
  'mediasoup-oldest': {
    ...SERVER,
    folder: 'node_modules/mediasoup-oldest/node/lib/test',
    packages: { mediasoup: 'mediasoup-oldest' },
  },
  'mediasoup-client': {
    ...CLIENT,
    folder: 'node_modules/mediasoup-client/lib/test',
    packages: {},
  },
  'mediasoup-client-oldest': {
    ...CLIENT,
    folder: 'node_modules/mediasoup-client-oldest/lib/tests',
    packages: {},
  },
} as const satisfies Record<string, Suite>;

export type SuiteName = keyof typeof suites;
