import { chromium } from 'playwright-core';
import { findDataChannelFault } from './findDataChannelFault.ts';

/** What is wrong with a Chromium, or undefined. */
export async function findFault(
  executablePath: string,
  args: readonly string[],
): Promise<string | undefined> {
  return findDataChannelFault(
    () => chromium.launch({ executablePath, args: [...args], timeout: 30_000 }),
    essence,
  );
}

/** Playwright reports the whole command line and the browser's whole log. One line of them is the cause. */
function essence(message: string): string {
  const lines = message.split('\n').map(line => line.replace(/^\W*\[pid=\d+\]\[err\]/, '').trim());
  const cause = /error while loading|\bFATAL\b|not found|No usable sandbox|ENOENT|EACCES/;

  return lines.find(line => cause.test(line)) ?? lines[0] ?? message;
}
