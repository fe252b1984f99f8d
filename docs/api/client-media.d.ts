// The public types of this package. Written by `npm run api`; do not edit.
import { Stats, State } from '@mediasoup-heartbeat/protocol';
import { MediaFlow, MediaFlowOptions as MediaFlowOptions$1 } from '@mediasoup-heartbeat/protocol/media';
export { MediaCounters, MediaFlow, MediaFlowInput, MediaFlowMeter, MediaRole, MediaState, StreamState } from '@mediasoup-heartbeat/protocol/media';
import { types } from 'mediasoup-client';
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
type Listen = {
    (event: 'stats', listener: (stats: Stats) => void): unknown;
    (event: 'statechange' | 'close', listener: () => void): unknown;
};
type HeartbeatObserver = {
    on: Listen;
    off: Listen;
};
type Stream = types.Producer | types.Consumer;
type MediaFlowHeartbeat = {
    readonly transport: types.Transport;
    readonly state: State;
    readonly stats: Stats;
    readonly closed: boolean;
    readonly observer: HeartbeatObserver;
};
type MediaFlowOptions = MediaFlowOptions$1 & {
    heartbeat?: MediaFlowHeartbeat | undefined;
};
type MediaFlowEvents = {
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
declare class MediaFlowWatch extends EventEmitter<MediaFlowEvents> {
    #private;
    readonly stream: Stream;
    readonly observer: EventEmitter<MediaFlowEvents>;
    readonly subscribe: (listener: () => void) => (() => void);
    readonly getSnapshot: () => MediaFlow;
    get flow(): MediaFlow;
    get closed(): boolean;
    hear(stream: unknown): boolean;
    close(): void;
}
declare function watchMediaFlow(stream: Stream, options?: MediaFlowOptions): MediaFlowWatch;
export { MediaFlowWatch, watchMediaFlow };
export type { MediaFlowEvents, MediaFlowHeartbeat, MediaFlowOptions };
