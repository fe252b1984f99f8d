import { vi } from 'vitest';

// All that the suites use of Jest's own object: `jest.fn()` and `jest.spyOn()`. The other globals are vitest's.
Object.assign(globalThis, { jest: vi });
