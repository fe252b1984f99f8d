import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { documents, root } from './Snippet.ts';

/** Words that make readers read a sentence twice, and what to write instead. */
const UNCLEAR: readonly [RegExp, string][] = [
  [/\bthat of\b(?! (?:it|that|this)\b)/i, 'repeat the noun'],
  [/\bwhom\b/i, 'name the person or thing'],
  [/\blikewise\b/i, 'also, or: the same holds for'],
  [/\bby which\b/i, 'use an active verb'],
  [/\bof who\b/i, 'name the person or thing'],
  [/\b(?:aforementioned|hereby|thereof|wherein|whereby|therein)\b/i, 'a plain word'],
  [/\b(?:utili[sz]e|leverage|facilitate)s?\b/i, 'use, help'],
  [/\b(?:simply|obviously|of course)\b/i, 'leave it out'],
];

const sources = globSync('packages/*/src/**/*.{ts,tsx}', { cwd: root });

/** The unclear words of a text, each with its line. */
function unclearIn(name: string, text: string): string[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      UNCLEAR.filter(([words]) => words.test(line)).map(
        ([words, remedy]) => `${name}:${index + 1}: “${words.exec(line)?.[0]}” (${remedy}): ${line.trim()}`,
      ),
    );
}

describe('plain words', () => {
  it('are all that the documents have: no sentence has to be read twice for a word', () => {
    expect(documents.length).toBeGreaterThan(25);
    expect(documents.flatMap(name => unclearIn(name, readFileSync(`${root}${name}`, 'utf8')))).toEqual([]);
  });

  it('are all that comments and errors of the packages have', () => {
    expect(sources.length).toBeGreaterThan(80);
    expect(sources.flatMap(name => unclearIn(name, readFileSync(`${root}${name}`, 'utf8')))).toEqual([]);
  });

  it('would be missed: an unclear word is found with its line and a remedy', () => {
    expect(unclearIn('a.md', 'Plain.\nIts state is that of its transport.')).toEqual([
      'a.md:2: “that of” (repeat the noun): Its state is that of its transport.',
    ]);
  });
});
