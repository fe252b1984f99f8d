import {
  ALL_HOOKS,
  BUDGETS,
  bundleForPage,
  CLIENT_HALF,
  CODEC,
  HOOKS,
  partsOf,
  type Weight,
} from './pageBundle.ts';
import { bundleWithVite } from './viteBundle.ts';

// Prints what enableHeartbeat() and the hooks for React add to an application's bundle, and which files the former comes from. Fails
// where it is more than the READMEs promise.

const clientHalf = await bundleForPage(CLIENT_HALF);
const codec = await bundleForPage(CODEC);
const hooks = await bundleForPage(HOOKS);
const allHooks = await bundleForPage(ALL_HOOKS);

console.log(`enableHeartbeat(), bundled by esbuild: ${show(clientHalf)}`);
console.log(`of it the codec: ${show(codec)}`);
console.log(`enableHeartbeat(), bundled by Vite: ${show(await bundleWithVite(CLIENT_HALF))}`);
console.log(`hooks for React: ${show(hooks)}`);
console.log(`with useConnectionQuality(): ${show(allHooks)}`);
console.log('\nMinified, by part:');
printRows(partsOf(clientHalf));
console.log('\nThe largest files:');
printRows(clientHalf.files.slice(0, 12));

check('enableHeartbeat()', clientHalf.gzip, BUDGETS.clientHalf);
check('The codec', codec.gzip, BUDGETS.codec);
check('The hooks without useConnectionQuality()', hooks.gzip, BUDGETS.hooks);
check('The hooks', allHooks.gzip, BUDGETS.allHooks);

function check(name: string, bytes: number, budget: number): void {
  if (bytes > budget) {
    console.error(`${name} has ${bytes} bytes of gzip, and may have ${budget}.`);
    process.exitCode = 1;
  }
}

function show({ minified, gzip, brotli }: Weight): string {
  return `${kB(minified)} minified, ${kB(gzip)} gzip, ${kB(brotli)} brotli`;
}

function printRows(rows: readonly (readonly [string, number])[]): void {
  for (const [name, bytes] of rows.toSorted(([, one], [, other]) => other - one)) {
    console.log(`  ${name.padEnd(44)}${kB(bytes).padStart(8)}`);
  }
}

function kB(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
