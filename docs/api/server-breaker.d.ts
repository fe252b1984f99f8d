// The public types of this package. Written by `npm run api`; do not edit.
import { BreakerChange, BreakerOptions, BreakerState, BreakerAdvice } from '@mediasoup-heartbeat/protocol/breaker';
export { BreakerAdvice, BreakerChange, BreakerEvidence, BreakerFigures, BreakerOptions, BreakerRule, BreakerState, CircuitBreaker, SenderReading } from '@mediasoup-heartbeat/protocol/breaker';
import { WebRtcTransport, PlainTransport, PipeTransport, AppData, Consumer } from 'mediasoup/types';
import { EnhancedEventEmitter as EnhancedEventEmitter$1 } from 'mediasoup/extras';
import { Reason, HeartbeatEvents as HeartbeatEvents$1, Snapshot, State, Stats, Descriptor } from '@mediasoup-heartbeat/protocol';
declare const EnhancedEventEmitter: typeof EnhancedEventEmitter$1;
type EnhancedEventEmitter<Events extends Record<string, any[]>> = EnhancedEventEmitter$1<Events>;
type HeartbeatTransport = WebRtcTransport | PlainTransport | PipeTransport;
type Cleanup = {
    transports: readonly HeartbeatTransport[];
    reason: Reason;
    deadAt: number;
    deadFor: number;
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
declare class CircuitWatch extends EnhancedEventEmitter<CircuitEvents> {
    #private;
    readonly consumer: Consumer;
    readonly observer: EnhancedEventEmitter<CircuitEvents>;
    get state(): BreakerState;
    get advice(): BreakerAdvice;
    get closed(): boolean;
    close(): void;
}
declare function watchCircuit(consumer: Consumer, heartbeat: Pick<Heartbeat, 'state' | 'stats' | 'closed' | 'transport' | 'observer'>, options?: CircuitOptions): CircuitWatch;
export { CircuitWatch, watchCircuit };
export type { CircuitEvents, CircuitOptions };
