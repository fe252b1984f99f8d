import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Lets another program take this one's place until it ends. It has the terminal and gets the signals. Its exit code is
 * the result: 128 + number if a signal ended it, as in a shell.
 */
export async function handOver(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const child = spawn(command, args, { env, stdio: 'inherit' });
  const forward = (signal: NodeJS.Signals) => {
    // The terminal sends Ctrl+C to all its processes. A second signal would look like a second Ctrl+C.
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
