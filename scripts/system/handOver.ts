import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Lets another program take this one's place until it ends: it has the terminal, gets the signals, and its exit code
 * is the result, by the shell's convention (128 + number) when a signal ended it.
 */
export async function handOver(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const child = spawn(command, args, { env, stdio: 'inherit' });
  const forward = (signal: NodeJS.Signals) => {
    // Ctrl+C reaches everybody on the terminal by itself. Sent twice it would look like impatience.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };

  for (const signal of FORWARDED) process.on(signal, forward);

  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];

    return code ?? 128 + constants.signals[signal ?? 'SIGKILL'];
  } finally {
    for (const signal of FORWARDED) process.off(signal, forward);
  }
}
