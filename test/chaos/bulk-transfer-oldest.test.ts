import { version } from 'mediasoup';
import { describe, vi } from 'vitest';
import { describeBulkTransfers } from './describeBulkTransfers.ts';

vi.setConfig({ maxConcurrency: 50, testTimeout: 120_000 });

// What the server half takes for mediasoup in this file, and what starts the Workers.
vi.mock('mediasoup', () => import('mediasoup-oldest'));
vi.mock('mediasoup/extras', () => import('mediasoup-oldest/extras'));

// mediasoup reads it when it is loaded.
const worker = vi.hoisted(
  () => (process.env.MEDIASOUP_WORKER_BIN = process.env.MEDIASOUP_OLDEST_WORKER_BIN ?? ''),
);

// `npm test` provides the worker, or says that there is none. In CI there has to be one.
describe.skipIf(worker === '' && !process.env.CI)(`with mediasoup ${version}`, () => describeBulkTransfers());
