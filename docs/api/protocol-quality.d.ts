// The public types of this package. Written by `npm run api`; do not edit.
type State = 'pending' | 'alive' | 'suspect' | 'dead' | 'closed';
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
type QualityRating = 'excellent' | 'good' | 'poor' | 'lost' | 'unknown';
type QualityCause = 'none' | 'delay' | 'jitter' | 'loss' | 'media-loss' | 'silence';
type DirectionQuality = {
    readonly score: number | undefined;
    readonly rating: QualityRating;
    readonly cause: QualityCause;
};
type Quality = {
    readonly downlink: DirectionQuality;
    readonly uplink: DirectionQuality;
};
type MediaLoss = {
    downlink?: number | undefined;
    uplink?: number | undefined;
};
type QualityInput = {
    state: State;
    stats: Stats;
    media?: MediaLoss | undefined;
};
declare class QualityMeter {
    #private;
    get quality(): Quality;
    update({ state, stats, media }: QualityInput): Quality;
}
type QualityWatcherHeartbeat = {
    readonly state: State;
    readonly stats: Stats;
    readonly observer: object;
};
type QualityWatcherEvents = {
    change: [
        Quality
    ];
    close: [
    ];
};
type QualityWatcherSurroundings = {
    readMediaLoss(): Promise<MediaLoss | undefined>;
    emit<E extends keyof QualityWatcherEvents>(event: E, args: QualityWatcherEvents[E]): void;
};
declare function checkQualityArguments(heartbeat: {
    observer?: unknown;
    closed: boolean;
}, options: {
    every?: number;
}, wanted: string): number;
declare class QualityWatcher {
    #private;
    constructor(heartbeat: QualityWatcherHeartbeat, every: number, surroundings: QualityWatcherSurroundings);
    get quality(): Quality;
    get closed(): boolean;
    close(): void;
}
export { QualityMeter, QualityWatcher, checkQualityArguments };
export type { DirectionQuality, MediaLoss, Quality, QualityCause, QualityInput, QualityRating, QualityWatcherEvents, QualityWatcherHeartbeat, QualityWatcherSurroundings };
