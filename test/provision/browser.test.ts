import { chromium } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { launchFirefox } from '../../scripts/browser/firefox.ts';
import { chromiumFlags } from '../../scripts/browser/flags.ts';
import { installedBrowsers } from '../../scripts/browser/installed.ts';
import { provisionFirefox } from '../../scripts/browser/provisionFirefox.ts';
import { provisionBrowser } from '../../scripts/provision-browser.ts';
import { FakeMachine } from './FakeMachine.ts';

let machine: FakeMachine;

beforeEach(() => {
  machine = new FakeMachine();
});
afterEach(() => machine.remove());

describe('CHROMIUM_BIN', () => {
  test('CHROMIUM_BIN is an error if the file does not exist', async () => {
    machine.env.CHROMIUM_BIN = '/nowhere/chromium';

    await expect(provisionBrowser(machine)).rejects.toThrow(
      /names \/nowhere\/chromium, but there is no such file/,
    );
  });

  test('CHROMIUM_BIN is an error if the file is not a browser', async () => {
    machine.env.CHROMIUM_BIN = machine.write('chromium', '#!/bin/sh\nexit 1\n', 0o755);

    await expect(provisionBrowser(machine)).rejects.toThrow(/it does not start.*unset CHROMIUM_BIN/s);
  });
});

describe('FIREFOX_BIN', () => {
  test('FIREFOX_BIN is an error if the file does not exist', async () => {
    machine.env.FIREFOX_BIN = '/nowhere/firefox';

    await expect(provisionFirefox(machine)).rejects.toThrow(
      /names \/nowhere\/firefox, but there is no such file/,
    );
  });

  test('FIREFOX_BIN is an error if the file is not a browser', async () => {
    machine.env.FIREFOX_BIN = machine.write('firefox', '#!/bin/sh\nexit 1\n', 0o755);

    await expect(provisionFirefox(machine)).rejects.toThrow(/it does not start.*unset FIREFOX_BIN/s);
  });
});

describe('a Firefox that is not there', () => {
  test('a missing Firefox is installed for root, after an announcement', async () => {
    machine.isRoot = true;
    machine.apt();
    machine.tool('ip', '');
    machine.tool('unshare', '');

    // What the fake apt-get installs is no browser.
    expect(await provisionFirefox(machine)).toBeUndefined();
    expect(machine.calls('apt-get')).toEqual([expect.stringMatching(/install -y .* firefox-esr$/)]);
    expect(machine.lines[0]).toMatch(/Installing outside this folder, with apt-get: firefox-esr$/);
  });

  test('a missing Firefox is not installed without root, and one line says how to do it', async () => {
    machine.apt();
    machine.tool('ip', '');
    machine.tool('unshare', '');

    expect(await provisionFirefox(machine)).toBeUndefined();
    expect(machine.calls('apt-get')).toEqual([]);
    expect(machine.lines).toEqual([
      expect.stringMatching(
        /^Firefox is not to be had here.* sudo apt-get update && sudo apt-get install -y .*firefox-esr$/,
      ),
    ]);
  });

  test('a missing Firefox is an error in CI', async () => {
    machine.env.CI = 'true';

    await expect(provisionFirefox(machine)).rejects.toThrow('There is no Firefox here that starts');
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

test('the provisioned browser starts', { timeout: 60_000 }, async () => {
  const browser = await chromium.launch(await provisionBrowser());

  expect(browser.version()).toMatch(/^\d+\./);
  await browser.close();
});

test('the installed Firefox starts', { timeout: 60_000 }, async ({ skip }) => {
  const { FIREFOX_BIN: path } = process.env;

  if (!path) return skip('FIREFOX_BIN names it where `npm test` runs the tests in Firefox, too');

  const browser = await launchFirefox(path);

  expect(await browser.version()).toMatch(/^firefox\/\d+\./);
  await browser.close();
});
