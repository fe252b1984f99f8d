import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, it } from 'vitest';
import * as Timer from '../../packages/protocol/src/endpoint/timers.ts';

const root = new URL('../../', import.meta.url);
const text = readFileSync(new URL('ARCHITECTURE.md', root), 'utf8');
const sources = globSync('packages/*/src/**/*.ts', { cwd: root });

it('ARCHITECTURE.md names files that exist', () => {
  const named = [...text.matchAll(/`(protocol|server|client|react)\/([\w/]+)`/g)];
  const missing = named.filter(
    ([, name, path]) => !existsSync(new URL(`packages/${name}/src/${path}.ts`, root)),
  );

  expect(named.length).toBeGreaterThan(30);
  expect(missing.map(([name]) => name)).toEqual([]);
});

it('ARCHITECTURE.md names classes and methods that exist', () => {
  const known = [...sources.map(path => basename(path, '.ts')), ...Object.keys(Timer)];
  const code = sources.map(path => readFileSync(new URL(path, root), 'utf8')).join('\n');
  const classes = [...text.matchAll(/`([A-Z]\w+)`/g)].map(([, name]) => name as string);
  const methods = [...text.matchAll(/`((?:handle|poll|next)\w*)`/g)].map(([, name]) => name as string);

  expect(classes.filter(name => !known.includes(name))).toEqual([]);
  expect(methods.filter(name => !new RegExp(`\\b${name}\\(`).test(code))).toEqual([]);
});

it('ARCHITECTURE.md lists every timer of an endpoint', () => {
  const inOrder = Object.entries(Timer).sort(([, one], [, other]) => one - other);
  const rows = [...text.matchAll(/^\| `(\w+)` \| .* \|$/gm)].map(([, name]) => name);

  expect(rows).toEqual(inOrder.map(([name]) => name));
});
