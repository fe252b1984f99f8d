import { registerHooks } from 'node:module';

// Lets a process that vitest did not start use the sources of the packages, as the tests do, so that a forgotten build
// hides no change. `node --import <this file> …`

registerHooks({
  resolve(specifier, context, next) {
    const [, name] = /^@mediasoup-heartbeat\/(\w+)$/.exec(specifier) ?? [];

    return name === undefined
      ? next(specifier, context)
      : { url: new URL(`../../packages/${name}/src/index.ts`, import.meta.url).href, shortCircuit: true };
  },
});
