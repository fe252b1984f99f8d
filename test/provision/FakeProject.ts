import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FakeMachine, GOOD_WORKER } from './FakeMachine.ts';

const SCRIPTS = fileURLToPath(new URL('../../scripts', import.meta.url));

/** Passes for Playwright and for Puppeteer: every browser starts and has data channels. */
const DRIVER = `
const page = { evaluate: async () => 'm=application' };
const browser = { newPage: async () => page, close: async () => {} };
export const launch = async () => browser;
export const chromium = { executablePath: () => '', launch };
`;

/** Passes for unshare: the network of one's own is the one that everybody has. */
const UNSHARE = 'while [ "$1" != sh ]; do shift; done; shift 4; "$@"';

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A copy of the scripts in a project whose tools, demo and worker are fakes, to run the real launchers in. */
export class FakeProject {
  readonly machine = new FakeMachine();
  /** What the launchers find in their environment, beyond that of the tests and what they need. */
  env: NodeJS.ProcessEnv = {};

  constructor() {
    cpSync(SCRIPTS, join(this.machine.folder, 'scripts'), { recursive: true });
    this.write('package.json', '{"type":"module"}');
    this.write('tsup.config.ts', '');
    this.write(
      'node_modules/mediasoup-oldest/package.json',
      '{"version":"3.19.19","main":"node/lib/index.js","repository":{"url":"git+http://127.0.0.1:2"}}',
    );
    this.write('node_modules/mediasoup-oldest/node/lib/index.js', '');
    for (const name of ['playwright-core', 'puppeteer-core']) {
      this.write(`node_modules/${name}/package.json`, '{"type":"module","exports":"./index.js"}');
      this.write(`node_modules/${name}/index.js`, DRIVER);
    }
    this.machine.tool('unshare', UNSHARE);
    this.machine.tool('ip', '');
    this.machine.tool('turnserver', '');
    for (const name of ['protocol', 'server', 'client', 'react', 'conformance']) {
      this.write(`packages/${name}/package.json`, '{"exports":{".":{"import":"dist/index.js"}}}');
      this.write(`packages/${name}/src/index.ts`, '');
    }
    this.program('tsup', 'echo tsup is talking; mkdir -p dist; touch dist/index.js');
  }

  write(path: string, content: string, mode?: number): string {
    return this.machine.write(path, content, mode);
  }

  /** A program that `npm ci` would have installed. `script` is for sh. */
  program(name: string, script: string): void {
    const call = `echo "${name} $*" >> "${this.machine.folder}/calls"`;

    this.write(`node_modules/.bin/${name}`, `#!/bin/sh\n${call}\n${script}\n`, 0o755);
  }

  calls(name: string): string[] {
    return this.machine.calls(name);
  }

  start(script: string, ...args: string[]) {
    const worker = this.write('a-worker', GOOD_WORKER, 0o755);
    const oldest = this.write('an-old-worker', GOOD_WORKER, 0o755);

    return spawn(process.execPath, [join(this.machine.folder, 'scripts', script), ...args], {
      env: {
        ...process.env,
        PATH: `${this.machine.env.PATH}:${process.env.PATH}`,
        MEDIASOUP_WORKER_BIN: worker,
        MEDIASOUP_OLDEST_WORKER_BIN: oldest,
        CHROMIUM_BIN: worker,
        FIREFOX_BIN: worker,
        ...this.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  async run(script: string, ...args: string[]): Promise<Finished> {
    const child = this.start(script, ...args);
    const read = async (stream: NodeJS.ReadableStream) => {
      let text = '';
      for await (const chunk of stream) text += chunk;
      return text;
    };
    const [stdout, stderr, [code]] = await Promise.all([
      read(child.stdout),
      read(child.stderr),
      once(child, 'close') as Promise<[number | null]>,
    ]);

    return { code, stdout, stderr };
  }

  read(path: string): string | undefined {
    const absolute = join(this.machine.folder, path);

    return existsSync(absolute) ? readFileSync(absolute, 'utf8') : undefined;
  }

  remove(): void {
    this.machine.remove();
  }
}
