import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { findOnPath } from '../system/findOnPath.ts';

const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC_APPS = ['Google Chrome', 'Chromium', 'Google Chrome for Testing'];

/** Browsers that are already on this machine, the likeliest first. Playwright's own is last: it may be of any age. */
export async function installedBrowsers(env: NodeJS.ProcessEnv): Promise<string[]> {
  const commands = await Promise.all(COMMANDS.map(name => findOnPath(name, env)));
  const applications = ['/Applications', join(env.HOME ?? '', 'Applications')].flatMap(folder =>
    MAC_APPS.map(name => join(folder, `${name}.app`, 'Contents', 'MacOS', name)),
  );

  return [
    ...commands.filter(path => path !== undefined),
    ...[...applications, chromium.executablePath()].filter(existsSync),
  ];
}
