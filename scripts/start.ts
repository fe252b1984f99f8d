import { main } from './system/main.ts';
import { runOnWorker } from './system/runOnWorker.ts';

/** `npm start`: everything the demo needs, then the demo. */
await main(async () => {
  process.exitCode = await runOnWorker('examples/meeting/main.ts', process.argv.slice(2));
});
