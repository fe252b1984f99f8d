// The public types of this package. Written by `npm run api`; do not edit.
import { State, Stats, StateChange } from '@mediasoup-heartbeat/protocol';
import { MediaFlow, MediaFlowOptions as MediaFlowOptions$1 } from '@mediasoup-heartbeat/protocol/media';
export { MediaCounters, MediaFlow, MediaFlowInput, MediaFlowMeter, MediaRole, MediaState, StreamState } from '@mediasoup-heartbeat/protocol/media';
import { WebRtcTransport, PlainTransport, PipeTransport, Producer, Consumer } from 'mediasoup/types';
import { EnhancedEventEmitter as EnhancedEventEmitter$1 } from 'mediasoup/extras';
declare const EnhancedEventEmitter: typeof EnhancedEventEmitter$1;
type EnhancedEventEmitter<Events extends Record<string, any[]>> = EnhancedEventEmitter$1<Events>;
type HeartbeatTransport = WebRtcTransport | PlainTransport | PipeTransport;
type MediaFlowHeartbeat = {
    readonly transport: HeartbeatTransport;
    readonly state: State;
    readonly stats: Stats;
    readonly closed: boolean;
    readonly observer: EnhancedEventEmitter<{
        statechange: [
            StateChange
        ];
    }>;
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
declare class MediaFlowWatch extends EnhancedEventEmitter<MediaFlowEvents> {
    #private;
    readonly stream: Producer | Consumer;
    readonly observer: EnhancedEventEmitter<MediaFlowEvents>;
    readonly subscribe: (listener: () => void) => (() => void);
    readonly getSnapshot: () => MediaFlow;
    get flow(): MediaFlow;
    get closed(): boolean;
    hear(stream: unknown): boolean;
    close(): void;
}
declare function watchMediaFlow(stream: Producer | Consumer, options?: MediaFlowOptions): MediaFlowWatch;
export { MediaFlowWatch, watchMediaFlow };
export type { MediaFlowEvents, MediaFlowHeartbeat, MediaFlowOptions };
