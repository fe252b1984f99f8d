// The public types of this package. Written by `npm run api`; do not edit.
import { Meter } from '@opentelemetry/api';
type MeasureOptions = {
    meter?: Meter | undefined;
};
declare class HeartbeatMeasurement {
    #private;
    get closed(): boolean;
    close(): void;
}
declare function measureHeartbeats(options?: MeasureOptions): HeartbeatMeasurement;
export { HeartbeatMeasurement, measureHeartbeats };
export type { MeasureOptions };
