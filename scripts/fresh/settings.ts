import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Host } from '../system/Host.ts';
import { ProvisionError } from '../system/ProvisionError.ts';
import { run } from '../system/run.ts';

// How this machine reaches Debian and npm is what a bare machine in the same place would be set up with, too.

const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

/** One line of a sources.list, in its parts. */
export interface AptSource {
  readonly url: string;
  readonly suite: string;
}

/** Where this machine gets a release of Debian from. Other people's packages are none of a bare machine's. */
export async function aptSources(release: string, { env }: Host): Promise<AptSource[]> {
  const query = ['indextargets', '--format', '$(REPO_URI) $(RELEASE) $(COMPONENT)'];
  const ask = () => run('apt-get', [...query, 'Created-By: Packages', 'Origin: Debian'], { env });
  let answer = await ask();

  if (answer.output.trim() === '') {
    // Without its package lists apt does not know whose they are.
    await run('apt-get', ['-q', 'update'], { env });
    answer = await ask();
  }

  const suites = [release, `${release}-updates`, `${release}-security`];
  const sources = answer.output
    .split('\n')
    .map(line => line.split(' '))
    .filter(([, suite, component]) => suites.includes(suite ?? '') && component === 'main')
    .map(([url = '', suite = '']) => ({ url, suite }));

  if (!sources.some(({ suite }) => suite === release)) {
    throw new ProvisionError(
      `apt-get knows no mirror of Debian ${release} here. Add one to /etc/apt/sources.list.d, and run apt-get update.`,
    );
  }

  return sources;
}

/** Lets a tree reach Debian and npm as this machine does. */
export async function copySettings(tree: string, sources: readonly AptSource[], host: Host): Promise<void> {
  const { output } = await run('apt-config', ['dump', 'Acquire'], { env: host.env });
  const reach = /^Acquire::(Check-|Force|Languages|Retries|https?\b)/;
  const lists = sources.map(({ url, suite }) => `deb ${url} ${suite} main\n`);

  await rm(join(tree, 'etc/apt/sources.list.d'), { recursive: true, force: true });
  await writeFile(join(tree, 'etc/apt/sources.list'), lists.join(''));
  await writeFile(
    join(tree, 'etc/apt/apt.conf.d/99reach'),
    output
      .split('\n')
      .filter(line => reach.test(line))
      .map(line => `${line}\n`)
      .join(''),
  );

  const { NODE_EXTRA_CA_CERTS, SSL_CERT_FILE, npm_config_cafile } = host.env;

  for (const file of [
    '/etc/resolv.conf',
    '/etc/hosts',
    CERTIFICATES,
    NODE_EXTRA_CA_CERTS,
    SSL_CERT_FILE,
    npm_config_cafile,
  ]) {
    if (file) await copy(file, join(tree, file));
  }
}

/** A machine may do without any of them. */
async function copy(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

const NETWORK =
  /^(https?_proxy|no_proxy|node_extra_ca_certs|ssl_cert_file|npm_config_(registry|replace_registry_host|proxy|https_proxy|noproxy|cafile|strict_ssl|maxsockets|fetch_\w+))$/i;

/** The environment of root's shell on a bare machine but its PATH, with what this one needs to reach others. CI stays CI. */
export function bareEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name, value]) => value && (NETWORK.test(name) || name === 'CI'));

  return {
    HOME: '/root',
    LANG: 'C.UTF-8',
    ...Object.fromEntries(kept),
  };
}
