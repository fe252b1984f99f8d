import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly signal?: AbortSignal;
  /** In ms; then the program is killed. */
  readonly timeout?: number;
}

export interface RunResult {
  /** The exit code. A program that was killed, or could not be started, has none. */
  readonly code: number | undefined;
  /** stdout and stderr in the order they came. */
  readonly output: string;
}

/** Runs a program quietly, and never throws: the caller has a better message than "exit code 1". */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  let output = '';

  try {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });

    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
      });
    }

    const [code] = (await once(child, 'close')) as [number | null];

    return { code: code ?? undefined, output };
  } catch (error) {
    return { code: undefined, output: `${output}${(error as Error).message}` };
  }
}
