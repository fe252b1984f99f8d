// The public types of this package. Written by `npm run api`; do not edit.
import { HeartbeatEvents as HeartbeatEvents$1, Snapshot, State, Reason, Stats, Descriptor, DetectorInput, FailureDetectorFactory } from '@mediasoup-heartbeat/protocol';
export { Descriptor, DetectorInput, DetectorOptions, DetectorPreset, Evidence, FailureDetector, FailureDetectorFactory, FrameError, FrameErrorCode, LossStats, Outage, OutageStats, Reason, RttStats, Sample, Snapshot, State, StateChange, Stats } from '@mediasoup-heartbeat/protocol';
import { WebRtcTransport, PlainTransport, PipeTransport, AppData, Router, Worker } from 'mediasoup/types';
import { EnhancedEventEmitter as EnhancedEventEmitter$1 } from 'mediasoup/extras';
declare const EnhancedEventEmitter: typeof EnhancedEventEmitter$1;
type EnhancedEventEmitter<Events extends Record<string, any[]>> = EnhancedEventEmitter$1<Events>;
type HeartbeatTransport = WebRtcTransport | PlainTransport | PipeTransport;
type HeartbeatEvents = HeartbeatEvents$1 & {
    channelerror: [
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
    closeOnDead?: boolean | {
        grace: number;
    };
    router?: Router;
    advertise?: boolean;
    vouch?: boolean;
    localHealth?: boolean;
    detector?: FailureDetectorFactory;
    appData?: HeartbeatAppData;
};
declare function attachHeartbeat<HeartbeatAppData extends AppData = AppData>(transport: HeartbeatTransport, options?: HeartbeatOptions<HeartbeatAppData>): Promise<Heartbeat<HeartbeatAppData>>;
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
};
declare const localHealth: EnhancedEventEmitter<LocalHealthEvents>;
export { Heartbeat, attachHeartbeat, localHealth };
export type { HeartbeatEvents, HeartbeatOptions, HeartbeatTransport, LocalHealthEvents, LocalHealthReport };
