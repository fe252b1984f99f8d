import { chromium } from 'playwright-core';

/**
 * Starts a browser and asks it for what this project needs of one: a data channel. A file of the right name is not
 * enough: on Ubuntu `chromium-browser` may be a script that only says where to get the browser.
 *
 * @returns what is wrong with it, or undefined.
 */
export async function findFault(
  executablePath: string,
  args: readonly string[],
): Promise<string | undefined> {
  try {
    const browser = await chromium.launch({ executablePath, args: [...args], timeout: 30_000 });

    try {
      const page = await browser.newPage();
      const sdp = await page.evaluate(async () => {
        const connection = new RTCPeerConnection();
        connection.createDataChannel('probe');

        return (await connection.createOffer()).sdp;
      });

      return sdp?.includes('m=application') ? undefined : 'it offers no data channel';
    } finally {
      await browser.close();
    }
  } catch (error) {
    return `it does not start: ${essence((error as Error).message)}`;
  }
}

/** Playwright reports the whole command line and the browser's whole log. The cause is the line that speaks of one. */
function essence(message: string): string {
  const lines = message.split('\n').map(line => line.replace(/^\W*\[pid=\d+\]\[err\]/, '').trim());
  const cause = /error while loading|\bFATAL\b|not found|No usable sandbox|ENOENT|EACCES/;

  return lines.find(line => cause.test(line)) ?? lines[0] ?? message;
}
