import { chromium } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chromiumFlags } from '../../scripts/browser/flags.ts';
import { installedBrowsers } from '../../scripts/browser/installed.ts';
import { provisionBrowser } from '../../scripts/provision-browser.ts';
import { FakeMachine } from './FakeMachine.ts';

let machine: FakeMachine;

beforeEach(() => {
  machine = new FakeMachine();
});
afterEach(() => machine.remove());

describe('CHROMIUM_BIN', () => {
  test('is an error when it is not there', async () => {
    machine.env.CHROMIUM_BIN = '/nowhere/chromium';

    await expect(provisionBrowser(machine)).rejects.toThrow(
      /names \/nowhere\/chromium, but there is no such file/,
    );
  });

  test('is an error when it is no browser', async () => {
    machine.env.CHROMIUM_BIN = machine.write('chromium', '#!/bin/sh\nexit 1\n', 0o755);

    await expect(provisionBrowser(machine)).rejects.toThrow(/it does not start.*unset CHROMIUM_BIN/s);
  });
});

test('browsers are looked for on the PATH', async () => {
  machine.tool('google-chrome', '');
  machine.tool('chromium', '');

  const found = await installedBrowsers(machine.env);

  expect(found.slice(0, 2)).toEqual([
    `${machine.folder}/bin/chromium`,
    `${machine.folder}/bin/google-chrome`,
  ]);
});

test('no flag turns the sandbox off, except for root', () => {
  expect(chromiumFlags(true)).toContain('--no-sandbox');
  expect(chromiumFlags(false)).not.toContain('--no-sandbox');
});

test('what is provisioned starts', { timeout: 60_000 }, async () => {
  const browser = await chromium.launch(await provisionBrowser());

  expect(browser.version()).toMatch(/^\d+\./);
  await browser.close();
});
