import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vitest/config';
import { changedExpectations } from './differences.ts';

const compiler = fileURLToPath(new URL('../harness/compileCommonJs.ts', import.meta.url));

/** Lets vitest run test files that are compiled to CommonJS: as they are, but for the expectations that have to change. */
export function compiledSuite(folder: string): Plugin {
  return {
    name: 'compiled-suite',
    enforce: 'pre',
    load(id) {
      const [file = ''] = id.split('?');

      if (!file.includes(`/${folder}/`)) {
        return undefined;
      }

      const source = changedExpectations(file, readFileSync(file, 'utf8'));

      return [
        `import { compileCommonJs } from ${JSON.stringify(compiler)};`,
        `compileCommonJs(${JSON.stringify(file)}, ${JSON.stringify(source)});`,
      ].join('\n');
    },
  };
}
