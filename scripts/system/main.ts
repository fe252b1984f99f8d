import { ProvisionError } from './ProvisionError.ts';

/** Runs a script's body. Shows the message of an error that the reader can fix, and the stack of any other error. */
export async function main(body: () => Promise<unknown>): Promise<void> {
  try {
    await body();
  } catch (error) {
    process.stderr.write(`\n${error instanceof ProvisionError ? error.message : (error as Error).stack}\n`);
    process.exitCode = 1;
  }
}
