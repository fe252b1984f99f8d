import { version } from 'mediasoup';
import { describe, expect, it, vi } from 'vitest';
import { describeMediasoup } from './describeMediasoup.ts';

// The mediasoup of the server package in this file, which also starts the Workers.
vi.mock('mediasoup', () => import('mediasoup-oldest'));
vi.mock('mediasoup/extras', () => import('mediasoup-oldest/extras'));

// mediasoup reads it when it is loaded.
const worker = vi.hoisted(
  () => (process.env.MEDIASOUP_WORKER_BIN = process.env.MEDIASOUP_OLDEST_WORKER_BIN ?? ''),
);

// `npm test` provides the worker, or says that there is none. CI must have one.
describe.skipIf(worker === '' && !process.env.CI)(`mediasoup ${version}`, () => {
  it('is the oldest supported version', () => {
    expect(version).toMatch(/^3\.19\./);
  });

  describeMediasoup();
});
