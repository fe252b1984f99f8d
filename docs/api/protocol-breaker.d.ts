// The public types of this package. Written by `npm run api`; do not edit.
type BreakerState = 'closed' | 'open' | 'half-open';
type BreakerAdvice = 'none' | 'reduce' | 'audio-only' | 'stop';
type BreakerRule = 'rtcp-timeout' | 'media-timeout' | 'congestion' | 'usability';
type BreakerEvidence = 'new-path' | 'path-well';
type SenderReading = {
    at: number;
    packets: number;
    bytes: number;
    lost: number;
    rtt: number | undefined;
    reportedAt?: number | null | undefined;
    highestSequence?: number | undefined;
};
type BreakerOptions = {
    kind: 'audio' | 'video';
    reportInterval?: number;
    frameInterval?: number;
    groupSize?: number;
    unusableLoss?: number | false;
};
type BreakerFigures = {
    loss: number | undefined;
    rate: number | undefined;
    limit: number | undefined;
    rtt: number | undefined;
    interval: number;
};
type BreakerChange = {
    readonly state: BreakerState;
    readonly previous: BreakerState;
    readonly advice: BreakerAdvice;
    readonly rule: BreakerRule | undefined;
    readonly evidence: BreakerEvidence | undefined;
    readonly figures: BreakerFigures;
    readonly at: number;
};
declare class CircuitBreaker {
    #private;
    constructor({ kind, ...given }: BreakerOptions);
    get state(): BreakerState;
    get advice(): BreakerAdvice;
    get reportInterval(): number;
    read(reading: SenderReading): BreakerChange | undefined;
    tell(evidence: BreakerEvidence | undefined, at: number): BreakerChange | undefined;
}
type BreakerSurroundings = {
    now(): number;
    setTimer(callback: () => void, ms: number): () => void;
    read(): Promise<SenderReading | undefined>;
    isPathWell(): boolean;
    changed(change: BreakerChange): void;
};
declare class BreakerPoll {
    #private;
    constructor(breaker: CircuitBreaker, surroundings: BreakerSurroundings);
    newPath(): void;
    stop(): void;
}
export { BreakerPoll, CircuitBreaker };
export type { BreakerAdvice, BreakerChange, BreakerEvidence, BreakerFigures, BreakerOptions, BreakerRule, BreakerState, BreakerSurroundings, SenderReading };
