import { existsSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const packages = fileURLToPath(new URL('../../../packages/', import.meta.url));

/** Every source file that is loaded with these, by the imports that are not only types. */
function loadedWith(...entries: string[]): string[] {
  const files = new Set<string>();
  const queue = entries.map(entry => resolve(packages, entry));

  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (files.has(file)) {
      continue;
    }

    files.add(file);

    for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(
      /^(?:import|export) (?!type )[^;]*?from '([^']+)';$/gms,
    )) {
      const [, name, entry = 'index'] = /^@mediasoup-heartbeat\/(\w+)(?:\/(\w+))?$/.exec(specifier) ?? [];
      const path =
        name === undefined
          ? resolve(dirname(file), specifier)
          : resolve(packages, name, 'src', `${entry}.ts`);

      if (existsSync(path) && path.endsWith('.ts')) {
        queue.push(path);
      }
    }
  }

  return [...files].map(file => relative(packages, file));
}

const isOfMedia = (file: string) => /src\/media|StreamReader|readStream/.test(file);

it('liveness never reads media: no file that judges a peer, and no main entry point, loads one that watches media', () => {
  const loaded = loadedWith(
    'protocol/src/index.ts',
    'protocol/src/endpoint/Endpoint.ts',
    'protocol/src/endpoint/Judge.ts',
    'server/src/index.ts',
    'client/src/index.ts',
  );

  expect(loaded).toContain('protocol/src/detector/AdaptiveDetector.ts');
  expect(loaded).toContain('server/src/Attachment.ts');
  expect(loaded).toContain('client/src/TransportHeartbeat.ts');
  expect(loaded.filter(isOfMedia)).toEqual([]);
  // The walk would find them.
  expect(loadedWith('server/src/media.ts', 'client/src/media.ts').filter(isOfMedia).toSorted()).toEqual([
    'client/src/StreamReader.ts',
    'client/src/media.ts',
    'protocol/src/media.ts',
    'protocol/src/media/MediaFlowMeter.ts',
    'protocol/src/media/MediaPoll.ts',
    'protocol/src/media/MediaWatcher.ts',
    'server/src/media.ts',
    'server/src/readStream.ts',
  ]);
});
