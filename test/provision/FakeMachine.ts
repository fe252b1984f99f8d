import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Host } from '../../scripts/system/Host.ts';
import type { MediasoupPackage } from '../../scripts/worker/MediasoupPackage.ts';

/** Behaves like a good worker whose parent is not mediasoup. */
export const GOOD_WORKER = '#!/bin/sh\nexit 41\n';

/** The smallest sources that the build recipe accepts. */
const SOURCES = {
  'worker/meson.build': "common_sources = [\n  'src/lib.cpp',\n  'src/RTC/DtlsTransport.cpp',\n]\n",
  'worker/src/lib.cpp': '',
  'worker/src/main.cpp': '',
  'worker/src/RTC/DtlsTransport.cpp': 'x = (operationType == BIO_CB_RETURN) ? 1 : 2;\n',
  'worker/include/common.hpp': '',
  'worker/fbs/worker.fbs': '',
};

/**
 * A machine in a temporary folder. Its tools are shell scripts that write down how they were called, so the tests
 * run the real provisioning without compiling, downloading or installing anything.
 */
export class FakeMachine implements Host {
  readonly folder = mkdtempSync(join(tmpdir(), 'provision-test-'));
  readonly env: NodeJS.ProcessEnv = { HOME: this.folder, PATH: join(this.folder, 'bin') };
  readonly lines: string[] = [];
  isRoot = false;
  mediasoup: MediasoupPackage = {
    folder: join(this.folder, 'mediasoup'),
    version: '3.27.1',
    // Nobody listens there.
    repository: 'http://127.0.0.1:2',
    variable: 'MEDIASOUP_WORKER_BIN',
  };
  #server: Server | undefined;

  constructor() {
    for (const [path, content] of Object.entries(SOURCES)) this.write(join('mediasoup', path), content);
  }

  log = (line: string): void => {
    this.lines.push(line);
  };

  write(path: string, content: string, mode = 0o644): string {
    const absolute = join(this.folder, path);

    mkdirSync(dirname(absolute), { recursive: true });
    writeFileSync(absolute, content);
    chmodSync(absolute, mode);

    return absolute;
  }

  /** Puts a tool on the PATH. `script` is for sh, and has nothing but its built-ins. */
  tool(name: string, script: string): void {
    this.write(
      join('bin', name),
      `#!/bin/sh\necho "${name} $*" >> "${this.folder}/calls"\n${script}\n`,
      0o755,
    );
  }

  /** A compiler whose every product is a worker that starts, and the other tool that a build needs. */
  compiler(): void {
    this.tool('flatc', '');
    this.tool(
      'g++',
      `while [ $# -gt 0 ]; do [ "$1" = -o ] && product=$2; shift; done; printf '#!/bin/sh\\nexit 41\\n' > "$product"`,
    );
  }

  /** Debian's package tools; what apt-get installs, dpkg-query knows from then on. */
  apt(...installed: string[]): void {
    const known = this.write('installed', installed.map(name => `${name} installed\n`).join(''));

    this.tool('dpkg-query', `while read -r line; do echo "$line"; done < "${known}"`);
    this.tool('apt-get', `for word in "$@"; do echo "$word installed" >> "${known}"; done`);
  }

  /** The calls of one tool, each as one line of its arguments. */
  calls(name: string): string[] {
    const file = join(this.folder, 'calls');
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];

    return lines.filter(line => line.startsWith(`${name} `)).map(line => line.slice(name.length + 1));
  }

  /** Lets mediasoup's releases be here, until `remove()`. */
  async releases(listener: RequestListener): Promise<void> {
    const server = createServer(listener);

    this.#server = server;
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    this.mediasoup = {
      ...this.mediasoup,
      repository: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    };
  }

  /** A release archive with this worker in it. */
  archive(worker: string): Buffer {
    this.write('release/mediasoup-worker', worker, 0o755);
    this.realTool('tar');
    this.realTool('gzip');

    return execFileSync('tar', ['-czf', '-', '-C', join(this.folder, 'release'), 'mediasoup-worker']);
  }

  realTool(name: string): void {
    const path = execFileSync('/bin/sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();

    this.write(join('bin', name), `#!/bin/sh\nPATH="$PATH:${dirname(path)}" exec "${path}" "$@"\n`, 0o755);
  }

  remove(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
