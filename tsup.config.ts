import { existsSync } from 'node:fs';
import { defineConfig, type Options } from 'tsup';

const common: Options = {
  format: ['esm', 'cjs'],
  sourcemap: true,
  target: 'es2022',
};

// One configuration for the three packages: each is built by `tsup` run in its own folder.
export default defineConfig([
  {
    ...common,
    entry: ['src/index.ts'],
    // Without what is marked `@internal`: the types show users the public surface only.
    dts: { compilerOptions: { stripInternal: true } },
    clean: ['!browser.*'],
  },
  // What differs in a page: package.json names it under `browser`.
  ...(existsSync('src/messagePack.browser.ts')
    ? [{ ...common, entry: { browser: 'src/index.ts' }, platform: 'browser' as const, clean: ['!index.*'] }]
    : []),
]);
