import { main } from './system/main.ts';
import { runOnWorker } from './system/runOnWorker.ts';

/** `npm run observability`: everything the demo needs, then the demo with an endpoint for Prometheus. */
await main(async () => {
  process.exitCode = await runOnWorker('examples/observability/main.ts', process.argv.slice(2));
});
