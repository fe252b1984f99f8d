import { setTimeout as lasting } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type BulkOptions, BulkTransfer } from '../../test/harness/BulkTransfer.ts';
import { startRouter } from '../../test/harness/server.ts';

// What is left of the heartbeat while the application saturates the association, and of the transfer:
//   npm run bench:bulk [-- --megabytes 20] [--queue 65536,262144] [--json]

/** The slowest that a transfer may be, in bytes per second, before it is given up: a link of 2 Mbit/s carries 240,000. */
const SLOWEST = 60_000;

/** Answers to the last pings are waited for, in ms. */
const ANSWERED_WITHIN = 3000;

const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '20' },
    queue: { type: 'string', default: '65536,262144' },
    json: { type: 'boolean', default: false },
  },
});
const { worker, router } = await startRouter();
const bytes = Number(values.megabytes) * 1e6;
const setups = values.queue
  .split(',')
  .flatMap(queue =>
    (['download', 'upload'] as const).flatMap(direction =>
      (['balanced', 'fast'] as const).map(preset => ({ direction, preset, queue: Number(queue) })),
    ),
  );
const results = await Promise.all(setups.map(measure));

worker.close();
console.log(values.json ? JSON.stringify(results) : table());
process.exit(0);

async function measure(setup: BulkOptions & { queue: number }) {
  const transfer = await BulkTransfer.open(router, setup);
  const from = transfer.server.stats.sent;
  const beganAt = performance.now();

  await transfer.begin();
  await Promise.race([
    transfer.untilMoved(bytes),
    lasting((bytes / SLOWEST) * 1000, undefined, { ref: false }),
  ]);

  const seconds = (performance.now() - beganAt) / 1000;
  const to = transfer.server.stats.sent;

  await lasting(ANSWERED_WITHIN);

  const rtts = [...transfer.answers.values()].sort((a, b) => a - b);
  const result = {
    ...setup,
    megabytes: transfer.moved / 1e6,
    seconds,
    pings: to - from,
    answered: transfer.answered(from, to),
    rtt: { p50: rtts[Math.floor(rtts.length / 2)], max: rtts.at(-1) },
    suspicion: transfer.suspicion,
    dead: [...transfer.said.server, ...transfer.said.client].some(said => said.startsWith('dead')),
  };

  await transfer.close();

  return result;
}

function table(): string {
  return [
    `${values.megabytes} MB at 2 Mbit/s over a round trip of 40 ms; the queue of the link in kB`,
    '',
    '| transfer | preset | queue | took | pings | answered | RTT median / longest | longest suspicion by the server / client | dead |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...results.map(
      ({ direction, preset, queue, seconds, pings, answered, rtt, suspicion, dead }) =>
        `| ${direction} | ${preset} | ${Math.round(queue / 1024)} | ${seconds.toFixed(0)} s | ${pings} | ${(answered * 100).toFixed(0)} % | ` +
        `${inSeconds(rtt.p50)} / ${inSeconds(rtt.max)} s | ${inSeconds(suspicion.server)} / ${inSeconds(suspicion.client)} s | ${dead ? '**yes**' : 'no'} |`,
    ),
  ].join('\n');
}

function inSeconds(ms = Number.NaN): string {
  return (ms / 1000).toFixed(2);
}
