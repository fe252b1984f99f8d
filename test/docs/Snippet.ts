import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** A block of code in a document. */
export type Snippet = {
  /** The document, from the top of the project. */
  readonly document: string;
  readonly line: number;
  readonly language: string;
  readonly code: string;
};

/** The documents that users read. */
export const documents = globSync(
  ['*.md', 'docs/**/*.md', 'packages/*/README.md', 'packages/*/examples/**/*.md', 'examples/**/*.md'],
  { cwd: root, exclude: path => path.includes('node_modules') },
).sort();

/** The blocks of code in all documents. */
export const snippets: readonly Snippet[] = documents.flatMap(document => {
  const text = readFileSync(`${root}${document}`, 'utf8');

  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(({ 1: language = '', 2: code = '', index }) => ({
    document,
    line: text.slice(0, index).split('\n').length,
    language,
    code,
  }));
});
