import { test, vi } from 'vitest';

// All that the suites use of Jest's own object: `jest.fn()` and `jest.spyOn()`. The other globals are vitest's. A bound
// that a test has of its own, which is 100 ms for some, is left out: it is for machines that do nothing else.
Object.assign(globalThis, {
  jest: vi,
  test: new Proxy(test, {
    apply: (target, self, [title, body]) => Reflect.apply(target, self, [title, body]),
  }),
});
