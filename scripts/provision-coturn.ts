import { existsSync } from 'node:fs';
import { ensurePackages, hasApt } from './system/apt.ts';
import { findOnPath } from './system/findOnPath.ts';
import { type Host, thisHost } from './system/Host.ts';
import { ProvisionError } from './system/ProvisionError.ts';

/** Whether packages start their services when they are installed. */
const hasServices = () => existsSync('/run/systemd/system');

/**
 * Makes sure that there is a TURN server for the tests that need one: a coturn that is installed, or Debian's. Where Debian would
 * start it as a service of the machine, the user has to install it.
 *
 * @returns its path, or undefined if there is none, after a line that says why. The tests that need it are skipped then.
 */
export async function provisionCoturn(
  options: Partial<Host> & { startsServices?: boolean } = {},
): Promise<string | undefined> {
  const host: Host = { ...thisHost(), ...options };
  const find = () => findOnPath('turnserver', host.env);
  const found = await find();

  if (found !== undefined) return found;

  try {
    await install(options.startsServices ?? hasServices(), host);
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error;

    const [first, ...rest] = error.message.split('\n');

    host.log(`The tests over TURN are skipped. ${first} ${(rest.at(-1) ?? '').trim()}`.trim());
  }

  return find();
}

async function install(startsServices: boolean, host: Host): Promise<void> {
  if (!(await hasApt(host))) {
    throw new ProvisionError('They need coturn: install it, so that turnserver is on the PATH.');
  }

  if (startsServices) {
    throw new ProvisionError(
      'They need coturn, which Debian starts as a service. Install it with this line:\n' +
        '  sudo apt-get install -y coturn && sudo systemctl disable --now coturn',
    );
  }

  await ensurePackages(['coturn'], 'The TURN server of the tests', host);
}
