import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import type { Host } from '../system/Host.ts';
import { ProvisionError } from '../system/ProvisionError.ts';
import { projectFolder } from '../system/project.ts';
import { run } from '../system/run.ts';
import { provisionBase } from './base.ts';
import { debianRelease } from './ensureBareMachines.ts';
import { inTree } from './namespaces.ts';
import { aptSources, bareEnv, copySettings } from './settings.ts';

/** Where Debian keeps large temporary files. /tmp may be memory, and what is installed takes some gigabytes. */
const TEMPORARY = '/var/tmp';

/** Where the clone is. */
const PROJECT = '/root/mediasoup-heartbeat';

/** A Debian that has nothing but its minimal base, Node, npm and a clone of the project. Everything else is installed in it. */
export class BareMachine {
  readonly #tree: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #signal: AbortSignal;
  readonly #running = new Set<ChildProcess>();

  private constructor(tree: string, env: NodeJS.ProcessEnv, signal: AbortSignal) {
    this.#tree = tree;
    this.#env = env;
    this.#signal = signal;
  }

  /** Makes one. The signal ends whatever runs in it. */
  static async create(host: Host, signal: AbortSignal): Promise<BareMachine> {
    const release = (await debianRelease(host)) ?? '';
    const sources = await aptSources(release, host);
    const base = await provisionBase(release, sources, host, signal);
    const tree = await mkdtemp(join(host.env.TMPDIR || TEMPORARY, 'mediasoup-heartbeat-fresh-'));
    const machine = new BareMachine(tree, { ...bareEnv(host.env), PATH: host.env.PATH }, signal);

    try {
      await must('cp', ['-a', '--reflink=auto', `${base}/.`, tree], host, signal);
      await copySettings(tree, sources, host);
      await copyNode(tree, host);
      await cloneProject(join(tree, PROJECT), host, signal);

      return machine;
    } catch (error) {
      await machine.remove();
      throw error;
    }
  }

  /**
   * Starts a command for bash in the clone, as a process group of its own: its id is the group's. Nothing of it is left
   * when the process has ended.
   */
  start(command: string, stdout: 'inherit' | 'pipe' = 'inherit'): ChildProcess {
    const [program, args] = inTree(this.#tree, PROJECT, command);

    const child = spawn(program, args, {
      env: this.#env,
      detached: true,
      stdio: ['ignore', stdout, 'inherit'],
      signal: this.#signal,
      killSignal: 'SIGKILL',
    });

    if (child.pid !== undefined) this.#running.add(child);
    child.once('exit', () => this.#running.delete(child));

    return child;
  }

  /** Ends what still runs in it, and takes it away. */
  async remove(): Promise<void> {
    for (const child of this.#running) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }

    await rm(this.#tree, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

/** The exit code of a process, by the shell's convention. */
export async function exitCode(child: ChildProcess): Promise<number> {
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];

  return code ?? 128 + constants.signals[signal ?? 'SIGKILL'];
}

/** The Node and the npm that run this, which are those that the user has: scripts run on the project's own Node. */
async function copyNode(tree: string, { env }: Host): Promise<void> {
  const { npm_node_execpath: node = '', npm_execpath: npm = '' } = env;
  const modules = join(tree, 'usr/local/lib/node_modules');

  await mkdir(modules, { recursive: true });
  await copyFile(node, join(tree, 'usr/local/bin/node'));
  await cp(dirname(dirname(npm)), join(modules, 'npm'), { recursive: true, dereference: true });

  for (const name of ['npm', 'npx']) {
    await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(tree, 'usr/local/bin', name));
  }
}

async function cloneProject(target: string, host: Host, signal: AbortSignal): Promise<void> {
  const { output } = await run('git', ['-C', projectFolder, 'status', '--porcelain'], { env: host.env });

  if (output.trim() !== '') host.log('what is not committed is not in it');

  await must('git', ['clone', '--quiet', projectFolder, target], host, signal);
}

async function must(
  command: string,
  args: readonly string[],
  { env }: Host,
  signal: AbortSignal,
): Promise<void> {
  const { code, output } = await run(command, args, { env, signal });

  if (code !== 0) throw new ProvisionError(`${[command, ...args].join(' ')} failed:\n${output.trim()}`);
}
