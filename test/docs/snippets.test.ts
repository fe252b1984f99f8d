import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorsIn } from './compile.ts';
import { preludeFor } from './prelude.ts';
import { documents, root, type Snippet, snippets } from './Snippet.ts';

/** A part of other people's code is `javascript`: it stands alone nowhere. */
const COMPILED = ['ts', 'tsx', 'js', 'jsx'];

describe('the examples in all documents', () => {
  const compiled = snippets.filter(({ language }) => COMPILED.includes(language));

  it('compile, each with the built packages and the strict options of this project', {
    timeout: 300_000,
  }, () => {
    const wrong: Snippet = {
      document: 'wrong.md',
      line: 1,
      language: 'ts',
      code: 'await attachHeartbeat(transport, { intervall: 1 });\n',
    };

    expect(compiled.length).toBeGreaterThan(35);
    // The wrong one shows that the others could fail.
    expect(errorsIn([...compiled, wrong], preludeFor)).toEqual([expect.stringContaining('intervall')]);
  });

  it('that are JSON are JSON', () => {
    const json = snippets.filter(({ language }) => language === 'json');

    expect(json.length).toBeGreaterThan(1);

    for (const { code } of json) expect(() => JSON.parse(code)).not.toThrow();
  });

  it('that are diffs have an example of what they add, which compiles, right after them', () => {
    const diffs = snippets.filter(({ language }) => language === 'diff');

    expect(diffs.length).toBeGreaterThan(2);

    for (const diff of diffs) {
      const next = snippets[snippets.indexOf(diff) + 1];

      expect([next?.document, next?.language]).toEqual([diff.document, 'ts']);
    }
  });

  it('name commands of package.json that exist', () => {
    const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
    const named = documents.flatMap(document =>
      [...readFileSync(`${root}${document}`, 'utf8').matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(
        ([, script = '']) => ({ document, script }),
      ),
    );

    expect(named.length).toBeGreaterThan(30);
    expect(named.filter(({ script }) => !(script in scripts))).toEqual([]);
  });
});
