import { describe, it } from 'vitest';
import { launchFirefox } from '../../scripts/browser/firefox.ts';
import { OWN_NETWORK_ADDRESS } from '../../scripts/browser/ownNetwork.ts';
import { describeApplication } from './applicationSuite.ts';
import { crashFirefox, hideFirefox, isInOwnNetwork } from './fixture/firefox.ts';

const { FIREFOX_BIN } = process.env;

describe('Firefox', () => {
  if (FIREFOX_BIN !== undefined && isInOwnNetwork()) {
    describeApplication({
      launch: () => launchFirefox(FIREFOX_BIN),
      address: OWN_NETWORK_ADDRESS,
      crash: crashFirefox,
      hide: hideFirefox,
      // It closes the connections of a closed tab at once, so a frame sent just before may be lost.
      farewells: ['goodbye', 'sctp-closed', 'dtls-closed'],
      // It drops a frame that came right before the end of the connection, if the page has not read it by then.
      serverFarewells: ['goodbye', 'channel-closed'],
    });
  } else {
    it.skip('is tested in a network of its own: npm test -- test/e2e/firefox', () => {});
  }
});
