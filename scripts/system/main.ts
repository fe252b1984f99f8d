import { ProvisionError } from './ProvisionError.ts';

/** Runs a script's body. An error that the reader can mend is shown as its message, anything else with its stack. */
export async function main(body: () => Promise<unknown>): Promise<void> {
  try {
    await body();
  } catch (error) {
    process.stderr.write(`\n${error instanceof ProvisionError ? error.message : (error as Error).stack}\n`);
    process.exitCode = 1;
  }
}
