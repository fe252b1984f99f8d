import { resolveDetectorOptions } from '@mediasoup-heartbeat/protocol';
import { describe, expect, it, type TestContext } from 'vitest';
import { type BulkOptions, BulkTransfer } from '../harness/BulkTransfer.ts';
import { untilState } from '../harness/events.ts';
import { useRouter } from './useRouter.ts';

/** Bytes after which the link is saturated: before that SCTP fills its queue, and overfills it, pings and all. */
const WARM = 1_000_000;

/** Bytes after which enough pings have been sent. */
const ENOUGH = 3_500_000;

/** The longest that a half may suspect the other because of a transfer, in ms. */
const SUSPICION = 3000;

/** The shortest queueing delay of a saturated link with a queue of 64 kB at 2 Mbit/s, in ms. */
const QUEUED = 100;

/** A link on which SCTP loses a second's worth of packets at once, and is busy with sending them again for many seconds. */
const DEEP = { queue: 262_144 };

/** What holds while the application saturates the association, on whatever mediasoup the file that calls this has made of it. */
export function describeBulkTransfers(): void {
  const backend = useRouter();

  const begin = async ({ onTestFinished }: TestContext, options: BulkOptions) => {
    const transfer = await BulkTransfer.open(backend.router, options);

    onTestFinished(() => transfer.close());
    await transfer.begin();

    return transfer;
  };

  describe.concurrent.each(['balanced', 'fast'] as const)('with the preset %s', preset => {
    describe.concurrent.each(['download', 'upload'] as const)('%s', direction => {
      it(`a bulk ${direction} that saturates the link leaves nine of ten pings answered, with an RTT that includes the queue`, async context => {
        const transfer = await begin(context, { direction, preset });

        await transfer.untilMoved(WARM);

        const from = transfer.server.stats.sent;

        await transfer.untilMoved(ENOUGH);

        const to = transfer.server.stats.sent;

        // What is under way has to come yet.
        await transfer.untilMoved(ENOUGH + WARM / 2);
        expect(transfer.answered(from, to), JSON.stringify(transfer.said)).toBeGreaterThanOrEqual(0.9);
        expect(transfer.server.stats.rtt.smoothed).toBeGreaterThan(QUEUED);
        expectNoDeath(transfer);
      });

      it(`a bulk ${direction} whose SCTP recovers from a loss for many seconds makes nobody dead, and nobody suspect for more than 3 s`, async context => {
        const transfer = await begin(context, { direction, preset, ...DEEP });

        await transfer.untilMoved(ENOUGH);
        expectNoDeath(transfer);
      });

      it(`a cut in the middle of a bulk ${direction} makes both sides dead by the hard limit`, async context => {
        const transfer = await begin(context, { direction, preset });
        const { deadAtLatest } = resolveDetectorOptions({ preset });

        await transfer.untilMoved(WARM);

        const cutAt = performance.now();

        transfer.relay.impair({ blackout: true });
        await Promise.all([untilState(transfer.server, 'dead'), untilState(transfer.client, 'dead')]);
        expect([transfer.server.reason, transfer.client.reason]).toEqual(['missed-pings', 'missed-pings']);
        // A busy machine is late, too.
        expect(performance.now() - cutAt).toBeLessThan(deadAtLatest + 1000);
      });
    });
  });
}

/** Expects that the transfer has made nobody dead, and nobody suspect for long. */
export function expectNoDeath({ said, suspicion }: BulkTransfer, longest = SUSPICION): void {
  expect([...said.server, ...said.client].join()).not.toContain('dead');
  expect(Math.max(suspicion.server, suspicion.client), JSON.stringify(said)).toBeLessThanOrEqual(longest);
}
