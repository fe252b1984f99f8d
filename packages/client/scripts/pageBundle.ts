import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** What a bundle weighs, in bytes. */
export interface Weight {
  readonly minified: number;
  readonly gzip: number;
  readonly brotli: number;
}

/** What a module adds to the bundle of a page. */
export interface PageBundle extends Weight {
  readonly code: string;
  /** How many minified bytes each file gave, the largest first. Paths are relative to `packages`. */
  readonly files: readonly (readonly [path: string, bytes: number])[];
}

const packages = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Bundles and minifies a module as an application's build would: from the sources of the packages, with their `browser` condition,
 * without what mediasoup-client (`debug`) or the application (`react`) brings along.
 *
 * @param module - The source of the module. It imports relative to `packages`.
 */
export async function bundleForPage(module: string): Promise<PageBundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: module, resolveDir: packages },
    tsconfig: `${packages}../tsconfig.json`,
    absWorkingDir: packages,
    external: ['debug', 'react'],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
  });
  const code = outputFiles[0]?.contents ?? new Uint8Array();
  const inputs = Object.entries(Object.values(metafile.outputs)[0]?.inputs ?? {});

  return {
    code: new TextDecoder().decode(code),
    minified: code.length,
    gzip: gzipSync(code, { level: 9 }).length,
    brotli: brotliCompressSync(code).length,
    files: inputs
      .map(([path, { bytesInOutput }]) => [relative(packages, `${packages}${path}`), bytesInOutput] as const)
      .filter(([, bytes]) => bytes > 0)
      .sort(([, one], [, other]) => other - one),
  };
}

/** How many minified bytes each folder gave, the largest first. */
export function partsOf({ files }: PageBundle): [folder: string, bytes: number][] {
  const parts = new Map<string, number>();

  for (const [path, bytes] of files) {
    const [name = '', , part = ''] = path.split('/');
    const folder = part.endsWith('.ts') ? name : `${name}/${part}`;

    parts.set(folder, (parts.get(folder) ?? 0) + bytes);
  }

  return [...parts].sort(([, one], [, other]) => other - one);
}

/** The client half as an application has it. */
export const CLIENT_HALF = "export { enableHeartbeat } from './client/src/index.ts';";

/** The part of it that makes bytes of frames and frames of bytes. */
export const CODEC = "export { decodeFrame, encodeFrame } from './protocol/src/codec.ts';";

/** The hooks for React that need nothing but the client half. */
export const HOOKS =
  "export { useConnectionState, useHeartbeatStats, useTransportHeartbeats } from './react/src/index.ts';";

/** All hooks for React, with the client's `/quality`. */
export const ALL_HOOKS = "export * from './react/src/index.ts';";

/** The most that they may weigh, in bytes of gzip. */
export const BUDGETS = { clientHalf: 23_400, codec: 1_500, hooks: 850, allHooks: 3_400 };
