// The public types of this package. Written by `npm run api`; do not edit.
import { BreakerChange, BreakerOptions, BreakerState, BreakerAdvice } from '@mediasoup-heartbeat/protocol/breaker';
export { BreakerAdvice, BreakerChange, BreakerEvidence, BreakerFigures, BreakerOptions, BreakerRule, BreakerState, CircuitBreaker, SenderReading } from '@mediasoup-heartbeat/protocol/breaker';
import { types } from 'mediasoup-client';
import { HeartbeatEvents, RecoveryFailed, Snapshot, State, Reason, Stats, PeerReport, Acceptance } from '@mediasoup-heartbeat/protocol';
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
type CircuitOptions = Partial<Omit<BreakerOptions, 'kind'>>;
type CircuitEvents = {
    change: [
        BreakerChange
    ];
    open: [
        BreakerChange
    ];
    halfopen: [
        BreakerChange
    ];
    closed: [
        BreakerChange
    ];
    close: [
    ];
};
declare class CircuitWatch extends EventEmitter<CircuitEvents> {
    #private;
    readonly producer: types.Producer;
    readonly observer: EventEmitter<CircuitEvents>;
    get state(): BreakerState;
    get advice(): BreakerAdvice;
    get closed(): boolean;
    close(): void;
}
declare function watchCircuit(producer: types.Producer, heartbeat: Pick<TransportHeartbeat, 'state' | 'stats' | 'closed' | 'observer'>, options?: CircuitOptions): CircuitWatch;
export { CircuitWatch, watchCircuit };
export type { CircuitEvents, CircuitOptions };
