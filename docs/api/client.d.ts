// The public types of this package. Written by `npm run api`; do not edit.
import { DetectorInput, FailureDetectorFactory, HeartbeatEvents, RecoveryFailed, Snapshot, State, Reason, Stats, PeerReport, Acceptance, StateChange, Recovering, Recovered } from '@mediasoup-heartbeat/protocol';
export { Acceptance, Descriptor, DetectorInput, DetectorOptions, DetectorPreset, Evidence, FailureDetector, FailureDetectorFactory, FrameError, FrameErrorCode, LossStats, Outage, OutageStats, PeerReport, Reason, Recovered, Recovering, RecoveryCause, RecoveryFailed, RecoveryFailure, RttStats, Sample, Snapshot, State, StateChange, Stats } from '@mediasoup-heartbeat/protocol';
import { types } from 'mediasoup-client';
type RestartReason = 'still-silent' | 'no-local-restart';
type RestartRequest = {
    transport: types.Transport;
    reason: RestartReason;
    attempt: number;
};
type RecoverOptions = {
    restart?: (request: RestartRequest) => types.IceParameters | undefined | Promise<types.IceParameters | undefined>;
    restartTimeout?: number;
    giveUpAfter?: number;
};
type ClientHeartbeatOptions<HeartbeatAppData extends types.AppData = types.AppData> = Omit<DetectorInput, 'interval'> & {
    connectIdleAfter?: number | false;
    firstPingTimeout?: number;
    advertise?: boolean;
    detector?: FailureDetectorFactory;
    recover?: boolean | RecoverOptions;
    appData?: HeartbeatAppData;
};
type Events = Record<string, any[]>;
declare class EventEmitter<E extends Events> {
    #private;
    on<K extends keyof E & string>(event: K, listener: (...args: E[K]) => void): this;
    once<K extends keyof E & string>(event: K, listener: (...args: E[K]) => void): this;
    off<K extends keyof E & string>(event: K, listener: (...args: E[K]) => void): this;
    listenerCount<K extends keyof E & string>(event: K): number;
    removeAllListeners<K extends keyof E & string>(event?: K): this;
    emit<K extends keyof E & string>(event: K, ...args: E[K]): boolean;
}
type TransportHeartbeatEvents = HeartbeatEvents & {
    recoveryfailed: [
        RecoveryFailed
    ];
};
declare class TransportHeartbeat<HeartbeatAppData extends types.AppData = types.AppData> extends EventEmitter<TransportHeartbeatEvents> {
    #private;
    readonly transport: types.Transport;
    readonly descriptor: unknown;
    readonly observer: EventEmitter<TransportHeartbeatEvents>;
    appData: HeartbeatAppData;
    readonly subscribe: (listener: () => void) => (() => void);
    readonly getSnapshot: () => Snapshot;
    get id(): string;
    get state(): State;
    get reason(): Reason;
    get stats(): Stats;
    get report(): PeerReport | undefined;
    get acceptance(): Acceptance | undefined;
    get recovering(): boolean;
    get closed(): boolean;
    expectInterruption(duration?: number): () => void;
    close(): void;
}
type DeviceHeartbeatEvents = {
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
    newtransport: [
        TransportHeartbeat
    ];
    recovering: [
        Recovering,
        TransportHeartbeat
    ];
    recovered: [
        Recovered,
        TransportHeartbeat
    ];
    recoveryfailed: [
        RecoveryFailed,
        TransportHeartbeat
    ];
};
declare class DeviceHeartbeat<HeartbeatAppData extends types.AppData = types.AppData> extends EventEmitter<DeviceHeartbeatEvents> {
    #private;
    readonly device: types.Device;
    readonly observer: EventEmitter<DeviceHeartbeatEvents>;
    appData: HeartbeatAppData;
    readonly subscribe: (listener: () => void) => (() => void);
    readonly getSnapshot: () => Snapshot;
    get state(): State;
    get reason(): Reason;
    get transports(): ReadonlyMap<string, TransportHeartbeat>;
    get closed(): boolean;
    attach(transport: types.Transport, descriptor: unknown): TransportHeartbeat;
    networkChanged(): void;
    close(): void;
}
declare function enableHeartbeat<HeartbeatAppData extends types.AppData = types.AppData>(device: types.Device, options?: ClientHeartbeatOptions<HeartbeatAppData>): DeviceHeartbeat<HeartbeatAppData>;
export { DeviceHeartbeat, EventEmitter, TransportHeartbeat, enableHeartbeat };
export type { ClientHeartbeatOptions, DeviceHeartbeatEvents, RecoverOptions, RestartReason, RestartRequest, TransportHeartbeatEvents };
