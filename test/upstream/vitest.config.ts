import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { compiledSuite } from './compiledSuite.ts';
import { Summary } from './Summary.ts';
import { type SuiteName, suites } from './suites.ts';

/** Set by run.ts: which suite, which of its files, and where the result goes. */
const { UPSTREAM_SUITE = '', UPSTREAM_FILES = 'test*', UPSTREAM_RESULT = '' } = process.env;

const { folder, side, packages } = suites[UPSTREAM_SUITE as SuiteName];
const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const source = (name: string) => path(`../../packages/${name}/src/index.ts`);

export default defineConfig({
  root: path('../..'),
  plugins: [compiledSuite(folder)],
  resolve: {
    alias: {
      '@mediasoup-heartbeat/protocol': source('protocol'),
      '@mediasoup-heartbeat/server': source('server'),
      '@mediasoup-heartbeat/client': source('client'),
      ...packages,
    },
  },
  test: {
    include: UPSTREAM_FILES.split(',').map(file => `${folder}/${file}.js`),
    // The suites are in node_modules.
    exclude: [],
    server: { deps: { inline: [new RegExp(`/${folder}/`)] } },
    // They expect Jest's.
    globals: true,
    setupFiles: [path('../harness/exit.ts'), path('jest.ts'), path(`${side}.ts`)],
    maxWorkers: 2,
    // Their own time limits assume a machine that does nothing else.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ['default', new Summary(UPSTREAM_RESULT)],
  },
});
