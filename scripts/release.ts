import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPackages } from './build.ts';
import { checkRelease } from './check-release.ts';
import { packAll } from './packages/pack.ts';
import { handOver } from './system/handOver.ts';
import { main } from './system/main.ts';
import { ProvisionError } from './system/ProvisionError.ts';

/**
 * `npm run release`: publishes the packages in the order of their dependencies. It is meant for .github/workflows/release.yml,
 * whose identity the provenance tells. Its arguments are passed on: `-- --dry-run` publishes nothing.
 */
await main(async () => {
  await checkRelease();
  await buildPackages({ log: line => console.error(line), force: true });

  for (const { name, tarball } of await packAll(
    await mkdtemp(join(tmpdir(), 'mediasoup-heartbeat-release-')),
  )) {
    const args = ['publish', tarball, '--access', 'public', '--provenance', ...process.argv.slice(2)];

    if ((await handOver('npm', args, process.env)) !== 0)
      throw new ProvisionError(`${name} was not published.`);
  }
});
