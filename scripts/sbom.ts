import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPackages } from './build.ts';
import { packAll } from './packages/pack.ts';
import { main } from './system/main.ts';
import { ProvisionError } from './system/ProvisionError.ts';
import { run } from './system/run.ts';

/**
 * `npm run sbom --silent`: the bill of materials (CycloneDX) of what ships. It is made of an installation that has the packages and
 * what they depend on, and nothing else. mediasoup and mediasoup-client are the user's own.
 */
await main(async () => {
  await buildPackages({ log: line => console.error(line) });

  const folder = await mkdtemp(join(tmpdir(), 'mediasoup-heartbeat-sbom-'));
  const project = join(folder, 'project');

  try {
    const packed = await packAll(folder);
    const dependencies = Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`]));

    await mkdir(project);
    await writeFile(
      join(project, 'package.json'),
      JSON.stringify({ name: 'mediasoup-heartbeat', version: '0.0.0', private: true, dependencies }),
    );

    for (const args of [
      ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--legacy-peer-deps'],
      // A warning of npm would stand before the bill.
      ['sbom', '--sbom-format', 'cyclonedx', '--legacy-peer-deps', '--loglevel', 'error'],
    ]) {
      const { code, output } = await run('npm', args, { cwd: project, env: process.env });

      if (code !== 0) throw new ProvisionError(`npm ${args.join(' ')} failed:\n${output}`);
      if (args[0] === 'sbom') process.stdout.write(output);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
