import { existsSync, readFileSync } from 'node:fs';
import { defineConfig, type Options } from 'tsup';

const common: Options = {
  format: ['esm', 'cjs'],
  sourcemap: true,
  target: 'es2022',
};

/** With types. They show users the public surface only: without what is marked `@internal`. */
const withTypes: Options = { ...common, dts: { compilerOptions: { stripInternal: true } } };

/** The entry points beside the main one, as package.json names them: `./explain` is `src/explain.ts`. */
const entries = Object.keys(JSON.parse(readFileSync('package.json', 'utf8')).exports)
  .filter(name => name !== '.')
  .map(name => name.slice('./'.length));

// One configuration for all packages: each is built by `tsup` run in its own folder. Each entry point is built alone, so that
// its declarations are in one file.
export default defineConfig([
  {
    ...withTypes,
    entry: ['src/index.ts'],
    clean: ['!browser.*', ...entries.map(name => `!${name}.*`)],
  },
  ...entries.map(name => ({ ...withTypes, entry: [`src/${name}.ts`] })),
  // What differs in a page: package.json names it under `browser`.
  ...(existsSync('src/messagePack.browser.ts')
    ? [{ ...common, entry: { browser: 'src/index.ts' }, platform: 'browser' as const }]
    : []),
]);
