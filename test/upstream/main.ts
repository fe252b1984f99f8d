import { readFileSync } from 'node:fs';
import { provisionWorker } from '../../scripts/provision-worker.ts';
import { main } from '../../scripts/system/main.ts';
import { installedMediasoup, oldestMediasoup } from '../../scripts/worker/MediasoupPackage.ts';
import { CHANGED, MASKED } from './differences.ts';
import { runSuite } from './runSuite.ts';
import { type SuiteName, suites } from './suites.ts';

// `npm run test:upstream`: the test suites of mediasoup and mediasoup-client with the heartbeat on every transport.

const log = (line: string) => console.log(`  ${line}`);
const workers: Partial<Record<SuiteName, () => Promise<string>>> = {
  mediasoup: () => provisionWorker({ log, mediasoup: installedMediasoup() }),
  'mediasoup-oldest': () => provisionWorker({ log, mediasoup: oldestMediasoup() }),
};

await main(async () => {
  for (const name of Object.keys(suites) as SuiteName[]) {
    const path = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
    const { name: packageName, version } = JSON.parse(readFileSync(path, 'utf8'));
    const worker = await workers[name]?.();
    const { passed, failed, skipped, activity, unproven, output } = await runSuite(
      name,
      worker ? { worker } : {},
    );

    console.log(`• ${packageName} ${version}: ${passed} passed, ${failed} failed, ${skipped} skipped`);

    for (const [what, count] of Object.entries(activity)) {
      log(`${what}: ${count}`);
    }

    if (failed > 0 || passed === 0 || unproven.length > 0) {
      process.exitCode = 1;
      console.log(output);
      console.log(unproven.map(what => `The heartbeat was not active: no ${what}.\n`).join(''));
    }
  }

  console.log('• Documented differences that were masked');

  for (const [name, reason] of Object.entries(MASKED)) {
    log(`${name}: ${reason}`);
  }

  for (const { test, reason } of CHANGED) {
    log(`“${test}” expects another stream id: ${reason}`);
  }
});
