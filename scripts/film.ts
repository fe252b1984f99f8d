import { main } from './system/main.ts';
import { runOnWorker } from './system/runOnWorker.ts';

/** `npm run film`: what the film of the demo needs, then the film. */
await main(async () => {
  process.exitCode = await runOnWorker('examples/meeting/film/main.ts', process.argv.slice(2));
});
