/**
 * Fuzzes the decoder and both sides of the protocol with frames that are generated and mutated.
 *
 *     npm run fuzz -- [--seconds 30] [--frames 10000000] [--seed 1] [--json]
 *
 * Ends after that many seconds or frames, whichever comes first. Exits with 1, the frame and the seed where a
 * property of examine.ts, Costs.ts or Sides.ts does not hold.
 */
import { parseArgs } from 'node:util';
import { fuzz, type Report } from './fuzz.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string' },
    frames: { type: 'string' },
    seed: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

const seconds = Number(values.seconds ?? (values.frames === undefined ? 30 : Number.POSITIVE_INFINITY));
const frames = Number(values.frames ?? Number.POSITIVE_INFINITY);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));

if (!(seconds > 0 && frames > 0 && Number.isInteger(seed))) {
  throw new TypeError('--seconds and --frames must be above 0, and --seed an integer');
}

const report = fuzz({ seconds, frames, seed, costs: true });

console.log(values.json ? JSON.stringify(report) : text(report));
process.exitCode = report.broken === undefined ? 0 : 1;

function text({ frames, seconds, seed, outcomes, sides, costs, broken }: Report): string {
  const { accepted, ...refused } = outcomes;
  const count = (number: number) => number.toLocaleString('en');
  const kB = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;
  const reasons = Object.entries(refused).map(([reason, number]) => `${reason} ${count(number)}`);
  const lines = [
    `${count(frames)} frames in ${seconds.toFixed(1)} s: ${count(Math.round(frames / seconds))} frames/s, seed ${seed}`,
    `accepted ${count(accepted)}, refused ${count(Object.values(refused).reduce((sum, n) => sum + n, 0))}: ${reasons.join(', ')}`,
    `received by both sides: ${count(sides.frames)}, ${count(sides.violations)} times until a protocol violation`,
  ];

  if (costs !== undefined) {
    const { time, memory } = costs;
    const us = (ms: number) => `${(1000 * ms).toFixed(1)} µs`;

    lines.push(
      `time to decode and check a frame: median ${us(time.p50)}, 99.9 % within ${us(time.p999)}, worst ${us(time.worst)}`,
      `memory: worst frame ${kB(memory.worst)}, heap growth ${kB(memory.growth)}`,
    );
  }

  if (broken !== undefined) {
    lines.push(`BROKEN by frame ${broken.frame}: ${broken.property}`, `  ${broken.hex}`, `  seed ${seed}`);
  }

  return lines.join('\n');
}
