import { describe, vi } from 'vitest';
import { describeBulkTransfers } from './describeBulkTransfers.ts';

vi.setConfig({ maxConcurrency: 50, testTimeout: 120_000 });

describe.concurrent('with the current mediasoup', () => describeBulkTransfers());
