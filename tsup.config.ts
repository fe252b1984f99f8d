import { defineConfig } from 'tsup';

// One configuration for the three packages: each is built by `tsup` run in its own folder.
export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  // Without what is marked `@internal`: the types show users the public surface only.
  dts: { compilerOptions: { stripInternal: true } },
  sourcemap: true,
  clean: true,
  target: 'es2022',
});
