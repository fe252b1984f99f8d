import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

// docs/reliability.md names a test for each fault. If a test is renamed or removed, the row must change, too: these
// tests compare them.

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const rows = read('docs/reliability.md')
  .split('\n')
  .filter(line => line.startsWith('| ') && !/^\| (fault|skew|transfer|download|upload|---) \|/.test(line));

function sourceOf(test: string): string {
  const path = [`${test}.test.ts`, `${test}.ts`].find(name => existsSync(new URL(name, root)));

  return path === undefined ? '' : read(path);
}

it.each(rows)('docs/reliability.md names a test that exists: %s', row => {
  const [, test = '', name = ''] = /`(test\/[^`]+)`: “([^”]+)” \|$/.exec(row) ?? [];

  expect(name).not.toBe('');
  expect(sourceOf(test)).toContain(name);
});

it('docs/reliability.md has a row for each fault', () => {
  expect(rows.length).toBeGreaterThan(50);
});
