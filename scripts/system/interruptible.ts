import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Lets work that has to clean up end by itself when the process gets a signal to end.
 *
 * @param work gets the signal and returns an exit code.
 * @returns that code, or by the shell's convention 128 + the number of what interrupted it.
 */
export async function interruptible(work: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const interruption = new AbortController();
  let interruptedBy: NodeJS.Signals | undefined;
  const interrupt = (signal: NodeJS.Signals) => {
    interruptedBy ??= signal;
    interruption.abort();
  };

  for (const signal of SIGNALS) process.on(signal, interrupt);

  try {
    const code = await work(interruption.signal);

    return interruptedBy ? 128 + constants.signals[interruptedBy] : code;
  } catch (error) {
    // An error after the interruption is caused by it.
    if (interruptedBy) return 128 + constants.signals[interruptedBy];
    throw error;
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt);
  }
}
