import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

// Prints what enableHeartbeat() adds to an application's bundle: everything but mediasoup-client and what that has, too
// (`debug`), minified and compressed. Fails where it is more than the README promises.

/** The most that the client half may weigh, in bytes of gzip. */
const BUDGET = 30_500;

const source = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const { outputFiles, metafile } = await build({
  stdin: {
    contents: "export { enableHeartbeat } from './client/src/index.ts';",
    resolveDir: source('.'),
  },
  alias: { '@mediasoup-heartbeat/protocol': source('protocol/src/index.ts') },
  external: ['debug'],
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
});

const bundle = outputFiles[0]?.contents ?? new Uint8Array();
const compressed = gzipSync(bundle, { level: 9 }).length;
const shares = { client: 0, protocol: 0, msgpackr: 0 };

for (const [path, { bytesInOutput }] of Object.entries(Object.values(metafile.outputs)[0]?.inputs ?? {})) {
  const share = (Object.keys(shares) as Array<keyof typeof shares>).find(name => path.includes(`/${name}/`));

  shares[share ?? 'client'] += bytesInOutput;
}

console.log(`enableHeartbeat(): ${kB(bundle.length)} minified, ${kB(compressed)} gzipped`);
console.log(
  `minified: ${Object.entries(shares)
    .map(([name, bytes]) => `${name} ${kB(bytes)}`)
    .join(', ')}`,
);

if (compressed > BUDGET) {
  console.error(`More than the ${kB(BUDGET)} that it may have.`);
  process.exitCode = 1;
}

function kB(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
