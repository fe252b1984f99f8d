import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

const read = (path: string) => readFileSync(`${root}${path}`, 'utf8');
const guides = readdirSync(`${root}docs/guides`).filter(name => name.endsWith('.md'));

describe('the guides', () => {
  it('are all listed by question', () => {
    const index = read('docs/guides/README.md');

    expect(guides.filter(name => name !== 'README.md' && !index.includes(`](${name})`))).toEqual([]);
  });

  it.each(guides)('link only to what exists: %s', name => {
    const targets = [...read(`docs/guides/${name}`).matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)].map(
      ([, target = '']) => target,
    );
    const dead = targets.filter(
      target => !target.startsWith('http') && !existsSync(new URL(target, `file://${root}docs/guides/`)),
    );

    expect(dead).toEqual([]);
  });
});
