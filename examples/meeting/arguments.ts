import { parseArgs } from 'node:util';
import { STORIES, type StoryName } from './story/stories.ts';

/** The demo's arguments. */
export type Arguments = {
  /** Plays this story and checks it, instead of waiting for people to join. */
  story: StoryName | undefined;
  /** Prints JSON, one object per line. */
  json: boolean;
  port: number;
  /** How many clients in Node join by themselves. */
  peers: number;
  help: boolean;
};

export const USAGE = `A small conference with a live view of every peer's heartbeat.

  npm start                       the conference, with three peers, on http://127.0.0.1:3000
  npm start -- --story            a scripted story that checks every verdict; exits 0 if all came as they should
  npm start -- --story recovery   another one: three peers change their network, and each keeps its call
  npm start -- --story actions    what an application does with verdicts: mute, clean up, blocked media, a breaker, a lost path
  npm start -- --story --json     the same as JSON, one object a line (npm start --silent keeps npm's banner out)

  --port N     another port (default 3000)
  --peers N    how many peers join by themselves, 0-20 (default 3)
  --help       this text
`;

/**
 * Reads the command line.
 *
 * @throws Error that says what is wrong with the command line.
 */
export function readArguments(argv: string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      story: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      port: { type: 'string', default: '3000' },
      peers: { type: 'string', default: '3' },
      help: { type: 'boolean', default: false },
    },
  });

  if (values.json && !values.story) {
    throw new Error('--json goes with --story');
  }

  return {
    ...values,
    story: storyOf(values.story, positionals),
    port: integer('port', values.port, 65_535),
    peers: integer('peers', values.peers, 20),
  };
}

function storyOf(wanted: boolean, [name = 'verdicts', ...rest]: string[]): StoryName | undefined {
  if (!wanted && name === 'verdicts') {
    return undefined;
  }

  if (!wanted || rest.length > 0 || !(name in STORIES)) {
    throw new Error(
      `--story takes one of ${Object.keys(STORIES).join(', ')}, got ${[name, ...rest].join(' ')}`,
    );
  }

  return name as StoryName;
}

function integer(name: string, value: string, max: number): number {
  const number = Number(value);

  if (!Number.isInteger(number) || number < 0 || number > max) {
    throw new Error(`--${name} must be an integer from 0 to ${max}, got ${value}`);
  }

  return number;
}
