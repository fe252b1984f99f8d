import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const idsIn = (text: string) => new Set(text.match(/HB-[A-Z]+-\d+/g));
const read = (path: string) => readFileSync(path, 'utf8');

it('names every requirement of PROTOCOL.md in a test, and none that is not there', () => {
  const required = idsIn(read('PROTOCOL.md'));
  const tested = idsIn(
    globSync('test/**/*.test.ts')
      .filter(path => !path.endsWith('specification.test.ts'))
      .map(read)
      .join(),
  );

  expect([...required].filter(id => !tested.has(id))).toEqual([]);
  expect([...tested].filter(id => !required.has(id))).toEqual([]);
  expect(required.size).toBeGreaterThan(40);
});

it('is quoted in the sources by requirements that exist', () => {
  const required = idsIn(read('PROTOCOL.md'));
  const quoted = idsIn(globSync('packages/*/src/**/*.ts').map(read).join());

  expect([...quoted].filter(id => !required.has(id))).toEqual([]);
});
