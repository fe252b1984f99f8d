import type { ChildProcess } from 'node:child_process';
import { elapsed } from '../system/elapsed.ts';
import type { Host } from '../system/Host.ts';
import { ProvisionError } from '../system/ProvisionError.ts';
import { type BareMachine, exitCode } from './BareMachine.ts';

/** In ms. It compiles a worker first. */
const START_TIMEOUT = 15 * 60_000;
/** In ms. */
const STOP_TIMEOUT = 30_000;

/** The exit codes of an end on Ctrl+C: the demo's own, and 128 + SIGINT, which npm makes of it. */
const GOOD_ENDS = [0, 130];

/** Waits up to 5 s until nothing is left of a command, and lists what is. bash, which runs this, has the id 1. */
const NOTHING_LEFT = `
code=$?
for look in 1 2 3 4 5 6 7 8 9 10; do
  left=
  for process in /proc/[0-9]*; do [ $process = /proc/1 ] || left="$left $(tr '\\0' ' ' 2>/dev/null < $process/cmdline)"; done
  [ -n "$left" ] || exit $code
  sleep 0.5
done
echo "Still running:$left" >&2
exit 1`;

/**
 * Runs a command that starts the demo until that answers at the address it prints, then stops it as Ctrl+C does.
 *
 * @throws ProvisionError if it does not answer, does not stop, or leaves a process behind.
 */
export async function startAndStop(machine: BareMachine, command: string, { log }: Host): Promise<void> {
  const startedAt = Date.now();
  const child = machine.start(`${command}${NOTHING_LEFT}`, 'pipe');
  const ended = exitCode(child);
  const address = await within<string | number>(START_TIMEOUT, printedAddress(child), ended);

  if (typeof address !== 'string') {
    throw new ProvisionError(
      address === undefined
        ? `${command} has not said where to join within ${START_TIMEOUT / 60_000} minutes.`
        : `${command} ended with ${address} before it said where to join.`,
    );
  }

  const { ok, status } = await fetch(address);

  log(`${address} answers with ${status}, after ${elapsed(startedAt)}`);
  // To the whole group, as a terminal does.
  process.kill(-(child.pid as number), 'SIGINT');

  const code = await within(STOP_TIMEOUT, ended);

  if (!ok) throw new ProvisionError(`${command} started, but ${address} answered with ${status}.`);
  if (code === undefined || !GOOD_ENDS.includes(code)) {
    throw new ProvisionError(
      code === undefined
        ? `${command} did not stop within ${STOP_TIMEOUT / 1000} s of Ctrl+C.`
        : `${command} did not end well on Ctrl+C: it ended with ${code}.`,
    );
  }

  log('stopped, and nothing of it is left');
}

/** Shows the command's output, and waits for the address in it. */
function printedAddress({ stdout }: ChildProcess): Promise<string> {
  return new Promise(resolve => {
    let said = '';

    stdout?.setEncoding('utf8').on('data', (text: string) => {
      process.stdout.write(text);
      said += text;

      const address = /^Join at (\S+)$/m.exec(said)?.[1];

      if (address !== undefined) resolve(address);
    });
  });
}

async function within<T>(ms: number, ...results: readonly Promise<T>[]): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<undefined>(resolve => {
    timer = setTimeout(() => resolve(undefined), ms);
  });

  try {
    return await Promise.race([timeout, ...results]);
  } finally {
    clearTimeout(timer);
  }
}
