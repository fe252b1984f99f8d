import { main } from './system/main.ts';
import { runOnWorker } from './system/runOnWorker.ts';

/** `npm run bench:…`: provides what a bench on the real worker needs, then runs it. The first argument is its name. */
await main(async () => {
  const [name, ...args] = process.argv.slice(2);

  process.exitCode = await runOnWorker(`bench/${name}/main.ts`, args);
});
