// The public types of this package. Written by `npm run api`; do not edit.
import { HeartbeatEvents as HeartbeatEvents$1, Descriptor, Snapshot, State, Reason, Stats, PeerReport, Acceptance, DetectorInput, FailureDetectorFactory, StateChange } from '@mediasoup-heartbeat/protocol';
export { Acceptance, Descriptor, DetectorInput, DetectorOptions, DetectorPreset, Evidence, FailureDetector, FailureDetectorFactory, FrameError, FrameErrorCode, LossStats, Outage, OutageStats, PeerReport, Reason, Recovered, Recovering, RttStats, Sample, Snapshot, State, StateChange, Stats } from '@mediasoup-heartbeat/protocol';
import { AppData, PipeTransport, PlainTransport, Router, WebRtcTransport, Worker } from 'mediasoup/types';
import { EnhancedEventEmitter as EnhancedEventEmitter$1 } from 'mediasoup/extras';
declare const EnhancedEventEmitter: typeof EnhancedEventEmitter$1;
type EnhancedEventEmitter<Events extends Record<string, any[]>> = EnhancedEventEmitter$1<Events>;
type AnsweringHeartbeatEvents = HeartbeatEvents$1;
declare class AnsweringHeartbeat<HeartbeatAppData extends AppData = AppData> extends EnhancedEventEmitter<AnsweringHeartbeatEvents> {
    #private;
    readonly id: string;
    readonly transport: PipeTransport | PlainTransport;
    readonly descriptor: Descriptor;
    readonly observer: EnhancedEventEmitter<AnsweringHeartbeatEvents>;
    appData: HeartbeatAppData;
    readonly subscribe: (listener: () => void) => (() => void);
    readonly getSnapshot: () => Snapshot;
    get state(): State;
    get reason(): Reason;
    get stats(): Stats;
    get report(): PeerReport | undefined;
    get acceptance(): Acceptance | undefined;
    get closed(): boolean;
    expectInterruption(duration?: number): () => void;
    close(): void;
}
type AnswerOptions<HeartbeatAppData extends AppData = AppData> = Omit<DetectorInput, 'interval'> & {
    descriptor?: Descriptor;
    firstPingTimeout?: number;
    router?: Router;
    detector?: FailureDetectorFactory;
    appData?: HeartbeatAppData;
};
declare function answerHeartbeat<HeartbeatAppData extends AppData = AppData>(transport: PipeTransport | PlainTransport, options?: AnswerOptions<HeartbeatAppData>): Promise<AnsweringHeartbeat<HeartbeatAppData>>;
type HeartbeatTransport = WebRtcTransport | PlainTransport | PipeTransport;
type Cleanup = {
    transports: readonly HeartbeatTransport[];
    reason: Reason;
    deadAt: number;
    deadFor: number;
};
type CloseOnDead = {
    grace: number;
    maxPerSecond?: number;
    onBeforeClose?: (cleanup: Cleanup) => boolean | Promise<boolean>;
};
type HeartbeatEvents = HeartbeatEvents$1 & {
    channelerror: [
        Error
    ];
    cleanup: [
        Cleanup
    ];
    cleanuperror: [
        Error
    ];
};
declare class Heartbeat<HeartbeatAppData extends AppData = AppData> extends EnhancedEventEmitter<HeartbeatEvents> {
    #private;
    readonly id: string;
    readonly transport: HeartbeatTransport;
    readonly observer: EnhancedEventEmitter<HeartbeatEvents>;
    appData: HeartbeatAppData;
    readonly subscribe: (listener: () => void) => (() => void);
    readonly getSnapshot: () => Snapshot;
    get state(): State;
    get reason(): Reason;
    get stats(): Stats;
    get descriptor(): Descriptor;
    get closed(): boolean;
    expectInterruption(duration?: number): () => void;
    accept(acceptance: unknown): boolean;
    close(): void;
}
type HeartbeatOptions<HeartbeatAppData extends AppData = AppData> = DetectorInput & {
    firstPongTimeout?: number;
    frozenTimeout?: number;
    closeOnDead?: boolean | CloseOnDead;
    router?: Router;
    advertise?: boolean;
    vouch?: boolean;
    localHealth?: boolean;
    detector?: FailureDetectorFactory;
    appData?: HeartbeatAppData;
};
declare function attachHeartbeat<HeartbeatAppData extends AppData = AppData>(transport: HeartbeatTransport, options?: HeartbeatOptions<HeartbeatAppData>): Promise<Heartbeat<HeartbeatAppData>>;
type HeartbeatGroupOptions<GroupAppData extends AppData = AppData> = {
    closeOnDead?: boolean | CloseOnDead;
    appData?: GroupAppData;
};
type PathChange = {
    heartbeat: Heartbeat;
    reason: Reason;
    at: number;
};
type HeartbeatGroupEvents = {
    statechange: [
        StateChange
    ];
    alive: [
        StateChange
    ];
    suspect: [
        StateChange
    ];
    dead: [
        StateChange
    ];
    close: [
        StateChange
    ];
    pathlost: [
        PathChange
    ];
    pathback: [
        PathChange
    ];
    cleanup: [
        Cleanup
    ];
    cleanuperror: [
        Error
    ];
};
declare class HeartbeatGroup<GroupAppData extends AppData = AppData> extends EnhancedEventEmitter<HeartbeatGroupEvents> {
    #private;
    readonly id: string;
    readonly observer: EnhancedEventEmitter<HeartbeatGroupEvents>;
    appData: GroupAppData;
    readonly subscribe: (listener: () => void) => (() => void);
    readonly getSnapshot: () => Snapshot;
    get state(): State;
    get reason(): Reason;
    get heartbeats(): readonly Heartbeat[];
    get lostPaths(): readonly Heartbeat[];
    get closed(): boolean;
    add(heartbeat: Heartbeat): void;
    remove(heartbeat: Heartbeat): void;
    close(): void;
}
declare function createHeartbeatGroup<GroupAppData extends AppData = AppData>(options?: HeartbeatGroupOptions<GroupAppData>): HeartbeatGroup<GroupAppData>;
type LocalHealthReport = {
    scope: 'worker' | 'process';
    worker: Worker | undefined;
    peers: number;
    silent: number;
    at: number;
};
type LocalHealthEvents = {
    unwell: [
        LocalHealthReport
    ];
    well: [
        LocalHealthReport
    ];
    stall: [
        LocalStall
    ];
};
type LocalStall = {
    duration: number;
    at: number;
};
declare const localHealth: EnhancedEventEmitter<LocalHealthEvents>;
type ObserverEvents = {
    newheartbeat: [
        Heartbeat
    ];
};
declare const observer: EnhancedEventEmitter<ObserverEvents>;
export { AnsweringHeartbeat, Heartbeat, HeartbeatGroup, answerHeartbeat, attachHeartbeat, createHeartbeatGroup, localHealth, observer };
export type { AnswerOptions, AnsweringHeartbeatEvents, Cleanup, CloseOnDead, HeartbeatEvents, HeartbeatGroupEvents, HeartbeatGroupOptions, HeartbeatOptions, HeartbeatTransport, LocalHealthEvents, LocalHealthReport, LocalStall, ObserverEvents, PathChange };
