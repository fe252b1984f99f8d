/** What is needed of a browser, with any driver. */
interface Started {
  newPage(): Promise<{ evaluate(script: () => Promise<string | undefined>): Promise<string | undefined> }>;
  close(): Promise<void>;
}

/**
 * Starts a browser and opens a data channel in it, which is what this project needs. The right file name is not enough:
 * on Ubuntu `chromium-browser` may be a script that only says where to get the browser.
 *
 * @param essence - Extracts the cause from a driver's message.
 * @returns what is wrong with it, or undefined.
 */
export async function findDataChannelFault(
  launch: () => Promise<Started>,
  essence: (message: string) => string,
): Promise<string | undefined> {
  try {
    const browser = await launch();

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
