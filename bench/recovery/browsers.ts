import { isBundled, unpackBundled } from '../../scripts/browser/bundled.ts';
import { findFault } from '../../scripts/browser/findFault.ts';
import { findFirefoxFault } from '../../scripts/browser/firefox.ts';
import { chromiumFlags } from '../../scripts/browser/flags.ts';
import { installedBrowsers } from '../../scripts/browser/installed.ts';
import { findOnPath } from '../../scripts/system/findOnPath.ts';
import type { Host } from '../../scripts/system/Host.ts';

/** By name: an installed Chromium, the one inside the npm package @sparticuz/chromium, and Firefox. */
export const BROWSERS = ['chromium', 'headless-shell', 'firefox'] as const;

export type BrowserName = (typeof BROWSERS)[number];

export type BrowserKind = {
  name: BrowserName;
  engine: 'chromium' | 'firefox';
  path: string;
  args: string[];
};

/** The browsers of this machine. */
export async function findBrowsers(host: Host): Promise<BrowserKind[]> {
  const { CHROMIUM_BIN, FIREFOX_BIN } = host.env;
  const args = chromiumFlags(host.isRoot);
  const shell = isBundled() ? await unpackBundled(host) : undefined;
  const chromiums = [CHROMIUM_BIN, ...(await installedBrowsers(host.env))].filter(path => path !== shell);
  const firefoxes = [
    FIREFOX_BIN,
    await findOnPath('firefox-esr', host.env),
    await findOnPath('firefox', host.env),
  ];
  const found = [
    await first('chromium', 'chromium', chromiums, args, path => findFault(path, args)),
    await first('headless-shell', 'chromium', [shell], args, path => findFault(path, args)),
    await first('firefox', 'firefox', firefoxes, [], findFirefoxFault),
  ];

  return found.filter(browser => browser !== undefined);
}

async function first(
  name: BrowserName,
  engine: BrowserKind['engine'],
  paths: readonly (string | undefined)[],
  args: string[],
  fault: (path: string) => Promise<string | undefined>,
): Promise<BrowserKind | undefined> {
  for (const path of paths) {
    if (path && (await fault(path)) === undefined) return { name, engine, path, args };
  }

  return undefined;
}
