import { BareMachine, exitCode } from './fresh/BareMachine.ts';
import { ensureBareMachines } from './fresh/ensureBareMachines.ts';
import { startAndStop } from './fresh/startAndStop.ts';
import { type Host, thisHost } from './system/Host.ts';
import { interruptible } from './system/interruptible.ts';
import { main } from './system/main.ts';

/** What the README tells a newcomer to type. */
const START = 'npm ci && npm start';
const TEST = 'npm ci && npm test';

/**
 * Runs the README's two commands in a bare Debian that has nothing but Node, npm and a clone of what is committed here.
 * A machine that was used before has browsers, libraries and caches, which hide what the commands forget to install.
 *
 * @param command is run instead, where it is not empty.
 * @param signal ends it.
 * @returns the exit code of the last command.
 */
export async function testFresh(command: string, host: Host, signal: AbortSignal): Promise<number> {
  const { log } = host;
  const say = { ...host, log: (line: string) => log(`  ${line}`) };

  log('• A bare Debian');
  await ensureBareMachines(say);

  const machine = await BareMachine.create(say, signal);

  try {
    if (command === '') {
      log(`• ${START}, until it answers`);
      await startAndStop(machine, START, say);
    }

    log(`• ${command || TEST}`);

    return await exitCode(machine.start(command || TEST));
  } finally {
    await machine.remove();
  }
}

if (import.meta.main) {
  const command = process.argv.slice(2).join(' ');
  const host = { ...thisHost(), log: (line: string) => console.log(line) };

  await main(async () => {
    process.exitCode = await interruptible(signal => testFresh(command, host, signal));
  });
}
