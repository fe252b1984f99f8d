import { describe, expect, it, vi } from 'vitest';
import { BulkTransfer } from '../harness/BulkTransfer.ts';
import { allowLog } from '../harness/mediasoupLog.ts';
import { expectNoDeath } from './describeBulkTransfers.ts';
import { useRouter } from './useRouter.ts';

vi.setConfig({ maxConcurrency: 50, testTimeout: 120_000 });

for (const line of [/sctpsendbufferfull/, /RESOURCE_EXHAUSTION/]) {
  allowLog(line, 'the application sends more than the send buffer can take');
}

const backend = useRouter();

/** Bytes that have arrived when enough pings had to be sent while the buffer was full. */
const ENOUGH = 3_500_000;

describe.concurrent.each(['balanced', 'fast'] as const)('%s', preset => {
  it(`a bulk download that keeps the send buffer full makes nobody dead, and nobody suspect for more than 10 s (${preset})`, async ({
    onTestFinished,
  }) => {
    const transfer = await BulkTransfer.open(backend.router, {
      direction: 'download',
      preset,
      buffered: Number.POSITIVE_INFINITY,
    });

    onTestFinished(() => transfer.close());
    await transfer.begin();
    await transfer.untilMoved(ENOUGH);
    expectNoDeath(transfer, 10_000);
    expect(transfer.answers.size).toBeGreaterThan(0);
  });
});
