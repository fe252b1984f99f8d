import { parseArgs } from 'node:util';

/** The arguments of the soak. */
export type Arguments = {
  /** How long the clients have faults. */
  minutes: number;
  peers: number;
  /** The seed of everything random. */
  seed: number;
  json: boolean;
  help: boolean;
};

export const USAGE = `Real peers, a bad network, and processes that are stopped and killed: every verdict is compared with what was done.

  npm run soak -- --minutes 2 --peers 10

  --minutes N   for how long (default 2)
  --peers N     how many peers, 2-500 (default 10)
  --seed N      of what happens by chance (default: another one each time)
  --json        the summary as JSON
  --help        this text

Exits 0 where every verdict was right and nothing is left in the end, and 1 otherwise.
`;

/**
 * Reads the command line.
 *
 * @throws Error that says what is wrong with it.
 */
export function readArguments(argv: string[]): Arguments {
  const { values } = parseArgs({
    args: argv,
    options: {
      minutes: { type: 'string', default: '2' },
      peers: { type: 'string', default: '10' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });

  return {
    ...values,
    minutes: number('minutes', values.minutes, 0.1, 10_000),
    peers: number('peers', values.peers, 2, 500),
    seed: number('seed', values.seed, 0, 2 ** 32 - 1),
  };
}

function number(name: string, value: string, min: number, max: number): number {
  const read = Number(value);

  if (value === '' || !(read >= min && read <= max)) {
    throw new Error(`--${name} must be a number from ${min} to ${max}, got ${value}`);
  }

  return name === 'minutes' ? read : Math.floor(read);
}
