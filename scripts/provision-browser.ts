import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { BUNDLED_PACKAGES, isBundled, unpackBundled } from './browser/bundled.ts';
import { findFault } from './browser/findFault.ts';
import { chromiumFlags } from './browser/flags.ts';
import { installedBrowsers } from './browser/installed.ts';
import { ensurePackages, hasApt } from './system/apt.ts';
import { type Host, thisHost } from './system/Host.ts';
import { main } from './system/main.ts';
import { ProvisionError } from './system/ProvisionError.ts';

/** What playwright's `chromium.launch()` takes. */
export interface Browser {
  readonly executablePath: string;
  readonly args: string[];
}

/**
 * Makes sure that there is a Chromium that starts and knows WebRTC. In this order: the one that CHROMIUM_BIN names;
 * one that is installed; the one inside the npm package @sparticuz/chromium, which costs two seconds and at most one
 * small library; Debian's, which costs some hundred megabytes.
 */
export async function provisionBrowser(options: Partial<Host> = {}): Promise<Browser> {
  const host: Host = { ...thisHost(), ...options };
  const args = chromiumFlags(host.isRoot);
  const executablePath = (await chosenBrowser(host, args)) ?? (await anyBrowser(host, args));

  return { executablePath, args };
}

/** A browser that was named must work. If it does not, that is an error, never a reason to look for another one. */
async function chosenBrowser({ env }: Host, args: readonly string[]): Promise<string | undefined> {
  if (!env.CHROMIUM_BIN) return undefined;

  const path = resolve(env.CHROMIUM_BIN);
  const fault = existsSync(path) ? await findFault(path, args) : 'there is no such file';

  if (fault === undefined) return path;

  throw new ProvisionError(
    `CHROMIUM_BIN names ${path}, but ${fault}.\n` +
      'Name a Chromium or Chrome that runs here, or let this project find one:\n  unset CHROMIUM_BIN',
  );
}

async function anyBrowser(host: Host, args: readonly string[]): Promise<string> {
  const installed = await firstGood(await installedBrowsers(host.env), host, args);
  if (installed) return installed;

  if (isBundled()) {
    const bundled = await unpackBundled(host);

    if (await firstGood([bundled], host, args)) return bundled;

    if (await hasApt(host)) {
      await ensurePackages(BUNDLED_PACKAGES, 'The Chromium of the browser tests', host);
      if (await firstGood([bundled], host, args)) return bundled;
    }
  }

  if (await hasApt(host)) {
    await ensurePackages(['chromium'], 'The browser tests', host);

    const debian = await firstGood(await installedBrowsers(host.env), host, args);
    if (debian) return debian;
  }

  throw new ProvisionError(
    'There is no Chromium or Chrome here that starts (see above). Get one with this line, or name one in CHROMIUM_BIN:\n' +
      '  npx playwright-core install chromium',
  );
}

async function firstGood(
  paths: readonly string[],
  { log }: Host,
  args: readonly string[],
): Promise<string | undefined> {
  for (const path of paths) {
    const fault = await findFault(path, args);

    if (fault === undefined) return path;
    log(`browser: passing over ${path}: ${fault}`);
  }

  return undefined;
}

if (import.meta.main)
  await main(async () => process.stdout.write(`${JSON.stringify(await provisionBrowser())}\n`));
