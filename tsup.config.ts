import { existsSync, readFileSync } from 'node:fs';
import { defineConfig, type Options } from 'tsup';

const common: Options = {
  format: ['esm', 'cjs'],
  sourcemap: true,
  target: 'es2022',
  // Stack traces need names and lines. The sources themselves would be two thirds of a package. CommonJS has no maps: the same code
  // has them as ES modules.
  esbuildOptions: (options, { format }) => {
    options.sourcesContent = false;
    if (format === 'cjs') options.sourcemap = false;
  },
};

/** With types. They show users the public surface only: without what is marked `@internal`. */
const withTypes: Options = { ...common, dts: { compilerOptions: { stripInternal: true } } };

/** The entry points beside the main one, as package.json names them: `./explain` is `src/explain.ts`. */
const entries = Object.keys(JSON.parse(readFileSync('package.json', 'utf8')).exports ?? {})
  .filter(name => name !== '.')
  .map(name => name.slice('./'.length));

/** A package of commands, and nothing to import. */
const commands: Options = {
  ...common,
  format: ['esm'],
  entry: ['src/main.ts', 'src/reference.ts'],
  sourcemap: false,
};

/** A package to import. Each entry point is built alone, so that its declarations are in one file. */
const library: Options[] = [
  { ...withTypes, entry: ['src/index.ts'] },
  ...entries.map(name => ({ ...withTypes, entry: [`src/${name}.ts`] })),
  // What differs in a page: package.json names it under `browser`.
  ...(existsSync('src/messagePack.browser.ts')
    ? [{ ...common, entry: { browser: 'src/index.ts' }, platform: 'browser' as const }]
    : []),
];

// One configuration for all packages: each is built by `tsup` run in its own folder. scripts/build.ts empties `dist` first. With
// `clean`, tsup would remove declarations that another entry point has just got.
export default defineConfig(existsSync('src/main.ts') ? commands : library);
