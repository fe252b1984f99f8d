import { run } from '../system/run.ts';

/** What a worker answers when its parent is not mediasoup (see worker/src/main.cpp). */
const NOT_MY_FATHER = 41;

/**
 * Starts a worker the way mediasoup's own installer tries one: without the environment it needs, so that a good one
 * leaves at once with a status of its own. Half a file, the wrong libc or a missing library cannot do that.
 *
 * @returns what is wrong with it, or undefined.
 */
export async function findFault(path: string): Promise<string | undefined> {
  const { code, output } = await run(path, [], { env: {}, timeout: 10_000 });

  if (code === NOT_MY_FATHER) return undefined;

  return `it does not start (${code === undefined ? 'no exit status' : `exit status ${code}`}): ${output.trim() || 'no output'}`;
}
