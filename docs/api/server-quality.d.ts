// The public types of this package. Written by `npm run api`; do not edit.
import { State, Stats, StateChange } from '@mediasoup-heartbeat/protocol';
import { Quality } from '@mediasoup-heartbeat/protocol/quality';
export { DirectionQuality, MediaLoss, Quality, QualityCause, QualityInput, QualityMeter, QualityRating } from '@mediasoup-heartbeat/protocol/quality';
import { EnhancedEventEmitter as EnhancedEventEmitter$1 } from 'mediasoup/extras';
import { WebRtcTransport, PlainTransport, PipeTransport } from 'mediasoup/types';
declare const EnhancedEventEmitter: typeof EnhancedEventEmitter$1;
type EnhancedEventEmitter<Events extends Record<string, any[]>> = EnhancedEventEmitter$1<Events>;
type HeartbeatTransport = WebRtcTransport | PlainTransport | PipeTransport;
type QualityOptions = {
    every?: number;
};
type WatchedHeartbeat = {
    readonly transport: HeartbeatTransport;
    readonly state: State;
    readonly stats: Stats;
    readonly closed: boolean;
    readonly observer: EnhancedEventEmitter<{
        stats: [
            Stats
        ];
        statechange: [
            StateChange
        ];
        close: [
            StateChange
        ];
    }>;
};
type QualityEvents = {
    change: [
        Quality
    ];
    close: [
    ];
};
declare class QualityWatch extends EnhancedEventEmitter<QualityEvents> {
    #private;
    readonly observer: EnhancedEventEmitter<QualityEvents>;
    readonly subscribe: (listener: () => void) => (() => void);
    readonly getSnapshot: () => Quality;
    get quality(): Quality;
    get closed(): boolean;
    close(): void;
}
declare function watchQuality(heartbeat: WatchedHeartbeat, options?: QualityOptions): QualityWatch;
export { QualityWatch, watchQuality };
export type { QualityEvents, QualityOptions, WatchedHeartbeat };
