// The public types of this package. Written by `npm run api`; do not edit.
import { Stats, State } from '@mediasoup-heartbeat/protocol';
import { Quality } from '@mediasoup-heartbeat/protocol/quality';
export { DirectionQuality, MediaLoss, Quality, QualityCause, QualityInput, QualityMeter, QualityRating } from '@mediasoup-heartbeat/protocol/quality';
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
type QualityOptions = {
    every?: number;
};
type WatchedHeartbeat = {
    readonly transport: types.Transport;
    readonly state: State;
    readonly stats: Stats;
    readonly closed: boolean;
    readonly observer: HeartbeatObserver;
};
type QualityEvents = {
    change: [
        Quality
    ];
    close: [
    ];
};
declare class QualityWatch extends EventEmitter<QualityEvents> {
    #private;
    readonly observer: EventEmitter<QualityEvents>;
    readonly subscribe: (listener: () => void) => (() => void);
    readonly getSnapshot: () => Quality;
    get quality(): Quality;
    get closed(): boolean;
    close(): void;
}
declare function watchQuality(heartbeat: WatchedHeartbeat, options?: QualityOptions): QualityWatch;
export { QualityWatch, watchQuality };
export type { QualityEvents, QualityOptions, WatchedHeartbeat };
