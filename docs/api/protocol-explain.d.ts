// The public types of this package. Written by `npm run api`; do not edit.
type State = 'pending' | 'alive' | 'suspect' | 'dead' | 'closed';
type Reason = 'new' | 'no-client-half' | 'no-server-half' | 'not-connected' | 'version-mismatch' | 'stream-id-taken' | 'fake-handler' | 'unsupported-client' | 'first-pong' | 'first-ping' | 'recovered' | 'missed-pings' | 'page-unresponsive' | 'server-unresponsive' | 'server-network' | 'worker-unresponsive' | 'downlink-lost' | 'page-frozen' | 'goodbye' | 'no-answer' | 'ice-disconnected' | 'dtls-closed' | 'dtls-failed' | 'sctp-closed' | 'sctp-failed' | 'connection-failed' | 'channel-closed' | 'channel-lost' | 'protocol-violation' | 'transport-closed' | 'router-closed' | 'worker-died' | 'heartbeat-closed' | 'channel-failed';
type StateChange = {
    state: State;
    previous: State;
    reason: Reason;
    at: number;
    silentFor: number;
};
type Snapshot = Readonly<StateChange>;
type RttStats = {
    last: number | undefined;
    smoothed: number | undefined;
    variation: number | undefined;
    min: number | undefined;
    p50: number | undefined;
    p95: number | undefined;
};
type LossStats = {
    downlink: number | undefined;
    uplink: number | undefined;
    round: number | undefined;
    window: number;
};
type Outage = {
    at: number;
    duration: number;
    direction: 'uplink' | 'unknown';
};
type OutageStats = {
    count: number;
    total: number;
    longest: number;
    last: Outage | undefined;
};
type Stats = {
    at: number;
    rtt: RttStats;
    loss: LossStats;
    outages: OutageStats;
    sent: number;
    received: number;
    late: number;
    lost: number;
    malformed: number;
    internalErrors: number;
    localHealth: 'well' | 'server-network' | 'worker-unresponsive';
    lastSeenAt: number | undefined;
    silentFor: number;
    upSince: number | undefined;
    hidden: boolean;
    evidence: Evidence;
};
type Evidence = {
    missed: number;
    deadline: number;
    suspicion: number;
    path: 'carries' | 'silent' | 'unknown';
};
type Explainable = {
    readonly stats: Stats;
    readonly getSnapshot: () => Snapshot;
};
type ExplainingSide = 'server' | 'client';
declare function explain(heartbeat: Explainable, side: ExplainingSide): string;
export { explain };
export type { Explainable, ExplainingSide };
