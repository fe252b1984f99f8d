// The public types of this package. Written by `npm run api`; do not edit.
import { Explainable } from '@mediasoup-heartbeat/protocol/explain';
export { Explainable } from '@mediasoup-heartbeat/protocol/explain';
declare function explain(heartbeat: Explainable): string;
export { explain };
