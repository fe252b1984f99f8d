import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { root } from './Snippet.ts';

const json = (path: string) => JSON.parse(readFileSync(`${root}${path}`, 'utf8'));

it.each(json('typedoc.json').entryPoints as string[])('the site has each entry point of %s', folder => {
  const { exports } = json(`${folder}/package.json`) as { exports: Record<string, unknown> };
  const sources = Object.keys(exports).map(entry => `src/${entry === '.' ? 'index' : entry.slice(2)}.ts`);

  expect(json(`${folder}/typedoc.json`).entryPoints.sort()).toEqual(sources.sort());
});

it('the site has all packages that can be imported', () => {
  const importable = globSync('packages/*/package.json', { cwd: root })
    .filter(path => 'exports' in json(path))
    .map(path => path.replace('/package.json', ''));

  expect(json('typedoc.json').entryPoints.sort()).toEqual(importable.sort());
});
