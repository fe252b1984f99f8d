import { type Browser, launch } from 'puppeteer-core';

/** WebRTC as the browser tests need it: addresses as they are, and no process of its own for the network. */
const PREFERENCES = {
  'media.peerconnection.ice.loopback': true,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'network.process.enabled': false,
};

/** Starts a Firefox, driven over WebDriver BiDi. */
export async function launchFirefox(executablePath: string): Promise<Browser> {
  return launch({ browser: 'firefox', executablePath, extraPrefsFirefox: PREFERENCES, timeout: 60_000 });
}

/** What is wrong with a Firefox, or undefined. As with Chromium, it has to start and to offer a data channel. */
export async function findFirefoxFault(executablePath: string): Promise<string | undefined> {
  try {
    const browser = await launchFirefox(executablePath);

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
    return `it does not start: ${(error as Error).message.split('\n')[0]}`;
  }
}
