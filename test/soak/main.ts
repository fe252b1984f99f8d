import '../chaos/sources.ts';
import { provisionWorker } from '../../scripts/provision-worker.ts';
import { type Arguments, readArguments, USAGE } from './arguments.ts';

// npm run soak: see arguments.ts for what it does.

const args = argumentsOrExit();

if (args.help) {
  process.stdout.write(USAGE);
} else {
  process.env.MEDIASOUP_WORKER_BIN ??= await provisionWorker({ log: line => console.error(line) });

  // Not earlier: mediasoup looks for its worker when it is loaded.
  const { soak } = await import('./soak.ts');

  process.exit((await soak(args)) ? 0 : 1);
}

function argumentsOrExit(): Arguments {
  try {
    return readArguments(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}
