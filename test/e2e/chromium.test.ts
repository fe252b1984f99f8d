import { describe } from 'vitest';
import { describeApplication } from './applicationSuite.ts';
import { crashChromium, hideChromium, launchChromium } from './fixture/chromium.ts';

describe('Chromium', () => {
  describeApplication({
    launch: launchChromium,
    address: '127.0.0.1',
    crash: crashChromium,
    hide: hideChromium,
    farewells: ['goodbye'],
    serverFarewells: ['goodbye'],
  });
});
