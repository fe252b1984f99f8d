import { buildPackages } from './build.ts';
import { handOver } from './system/handOver.ts';
import { main } from './system/main.ts';
import { ProvisionError } from './system/ProvisionError.ts';
import { pythonWithMsgpack } from './system/pythonWithMsgpack.ts';

/** `npm run test:conformance`: both implementations against PROTOCOL.md, by the command that users run. Its arguments are passed on. */
await main(async () => {
  await buildPackages({ log: line => console.error(line) });

  const conformance = 'packages/conformance/dist/main.js';
  const args = process.argv.slice(2);
  const python = pythonWithMsgpack();
  const implementations = {
    'the implementation in TypeScript': [process.execPath, 'packages/conformance/dist/reference.js'],
    ...(python && {
      'the implementation in Python': [python, 'packages/conformance/examples/python/heartbeat.py'],
    }),
  };
  const failed: string[] = [];

  if (python === undefined) {
    console.log('The implementation in Python is left out: it needs msgpack (Debian: python3-msgpack).');
  }

  for (const [name, command] of Object.entries(implementations)) {
    console.log(`\n• ${name}`);

    const code = await handOver(process.execPath, [conformance, ...args, '--', ...command], process.env);

    if (code !== 0) failed.push(name);
  }

  if (failed.length > 0) throw new ProvisionError(`Not conformant: ${failed.join(', ')}`);
});
