// The public types of this package. Written by `npm run api`; do not edit.
type Option<T> = {
    readonly default: T;
    readonly expected: string;
    readonly isValid: (value: unknown) => boolean;
    readonly isDeprecated?: boolean;
};
type State = 'pending' | 'alive' | 'suspect' | 'dead' | 'closed';
type MediaFlowOptions = {
    silentAfter?: number;
    minBitrate?: number;
};
type MediaRole = 'receiver' | 'sender';
type StreamState = 'unknown' | 'flowing' | 'silent' | 'paused';
type MediaState = StreamState | 'blocked' | 'suspect' | 'dead';
type MediaFlow = {
    readonly state: MediaState;
    readonly since: number;
    readonly stream: StreamState;
    readonly streamSince: number;
};
type MediaCounters = {
    packets: number;
    bytes: number;
    reportedAt?: number | null;
};
declare function isStreamState(value: unknown): value is StreamState;
type MediaFlowInput = {
    at: number;
    counters: MediaCounters | undefined;
    isPaused: boolean;
    connection: State | undefined;
    lastSeenAt: () => number | undefined;
    farSide: StreamState | undefined;
};
declare const MEDIA_FLOW_OPTIONS: {
    silentAfter: Option<number>;
    minBitrate: Option<number>;
};
declare class MediaFlowMeter {
    #private;
    readonly readEvery: number;
    constructor(options: MediaFlowOptions, role: MediaRole, at: number);
    get flow(): MediaFlow;
    update(input: MediaFlowInput): MediaFlow;
}
type MediaPollSurroundings<Stream> = {
    setTimer(callback: () => void, ms: number): () => void;
    read(streams: readonly Stream[]): Promise<ReadonlyMap<Stream, MediaCounters>>;
};
type MediaPollWatcher<Stream> = {
    readonly stream: Stream;
    readonly readEvery: number;
    readonly isPaused: boolean;
    take(counters: MediaCounters | undefined): void;
};
declare class MediaPoll<Stream> {
    #private;
    constructor(surroundings: MediaPollSurroundings<Stream>);
    add(watcher: MediaPollWatcher<Stream>): void;
    delete(watcher: MediaPollWatcher<Stream>): void;
}
type MediaWatcherHeartbeat = {
    readonly transport: object;
    readonly state: State;
    readonly stats: {
        readonly lastSeenAt: number | undefined;
    };
    readonly closed: boolean;
};
type MediaWatcherEvents = {
    change: [
        MediaFlow
    ];
    flowing: [
        MediaFlow
    ];
    silent: [
        MediaFlow
    ];
    paused: [
        MediaFlow
    ];
    blocked: [
        MediaFlow
    ];
    close: [
    ];
};
type MediaWatcherSurroundings<Stream> = {
    now(): number;
    isPaused(stream: Stream): boolean;
    pollOf(source: object): MediaPoll<Stream>;
    emit<E extends keyof MediaWatcherEvents>(event: E, args: MediaWatcherEvents[E]): void;
};
declare function checkMediaFlowArguments(stream: unknown, options: MediaFlowOptions & {
    heartbeat?: {
        observer?: unknown;
        closed: boolean;
    } | undefined;
}, wanted: string): void;
declare class MediaWatcher<Stream extends {
    readonly observer: object;
}> {
    #private;
    constructor(stream: Stream, role: MediaRole, options: MediaFlowOptions & {
        heartbeat?: (MediaWatcherHeartbeat & {
            readonly observer: object;
        }) | undefined;
    }, surroundings: MediaWatcherSurroundings<Stream>);
    get flow(): MediaFlow;
    get closed(): boolean;
    hear(stream: unknown): boolean;
    close(): void;
}
export { MEDIA_FLOW_OPTIONS, MediaFlowMeter, MediaPoll, MediaWatcher, checkMediaFlowArguments, isStreamState };
export type { MediaCounters, MediaFlow, MediaFlowInput, MediaFlowOptions, MediaPollSurroundings, MediaPollWatcher, MediaRole, MediaState, MediaWatcherEvents, MediaWatcherHeartbeat, MediaWatcherSurroundings, StreamState };
