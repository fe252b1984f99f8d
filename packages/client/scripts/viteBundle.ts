import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';
import type { Weight } from './pageBundle.ts';

const packages = fileURLToPath(new URL('../../', import.meta.url));
const entry = `${packages}page.js`;

/** The same module as {@link bundleForPage} bundles, as Vite's build of an application makes it. */
export async function bundleWithVite(module: string): Promise<Weight> {
  const built = (await build({
    configFile: false,
    logLevel: 'silent',
    root: packages,
    resolve: { alias: { '@mediasoup-heartbeat/protocol': `${packages}protocol/src/index.ts` } },
    plugins: [
      {
        name: 'page',
        resolveId: id => (id === entry ? id : undefined),
        load: id => (id === entry ? module : undefined),
      },
    ],
    build: {
      write: false,
      target: 'es2022',
      rolldownOptions: {
        input: entry,
        external: ['debug'],
        preserveEntrySignatures: 'strict',
        output: { format: 'es' },
      },
    },
  })) as Rolldown.RolldownOutput;
  const { code } = built.output[0];

  return {
    minified: Buffer.byteLength(code),
    gzip: gzipSync(code, { level: 9 }).length,
    brotli: brotliCompressSync(code).length,
  };
}
