import { defineConfig } from 'tsup';

// One configuration for the three packages: each is built by `tsup` run in its own folder.
export default defineConfig({
  entry: ['src/index.ts'],
  format: ['esm', 'cjs'],
  dts: true,
  sourcemap: true,
  clean: true,
  target: 'es2022',
});
