import { type Browser, launch } from 'puppeteer-core';
import { findDataChannelFault } from './findDataChannelFault.ts';

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

/** What is wrong with a Firefox, or undefined. */
export async function findFirefoxFault(executablePath: string): Promise<string | undefined> {
  return findDataChannelFault(
    () => launchFirefox(executablePath),
    message => message.split('\n')[0] ?? message,
  );
}
