import { run } from '../system/run.ts';

/** The exit status of a worker whose parent is not mediasoup (see worker/src/main.cpp). */
const NOT_MY_FATHER = 41;

/**
 * Starts a worker as mediasoup's own installer does: without the environment that it needs, so that a good one exits at
 * once with a special status. Half a file, the wrong libc or a missing library cannot do that.
 *
 * @returns what is wrong with it, or undefined.
 */
export async function findFault(path: string): Promise<string | undefined> {
  const { code, output } = await run(path, [], { env: {}, timeout: 10_000 });

  if (code === NOT_MY_FATHER) return undefined;

  return `it does not start (${code === undefined ? 'no exit status' : `exit status ${code}`}): ${output.trim() || 'no output'}`;
}
