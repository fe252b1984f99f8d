import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bareEnv } from '../../scripts/fresh/settings.ts';
import { testFresh } from '../../scripts/fresh.ts';
import { FakeMachine } from './FakeMachine.ts';

/**
 * Passes for setpriv and unshare: what enters a tree runs its command's first line in the clone, on this system, and as
 * little as the first process of a system does it end with Ctrl+C.
 */
const SETPRIV = `
while [ "$1" != --kill-child ]; do shift; done
shift
if [ "$1" != sh ]; then exec "$@"; fi
line=$7
exec /bin/sh -c 'trap : INT; cd "$1" && eval "$2"; exit $?' sh "$5$6" "\${line%%
*}"`;

/** Answers one request, and ends well on Ctrl+C. Its first argument is where it says that it has ended. */
const DEMO = `
const server = require('node:http').createServer((_, response) => response.end('hello'));
server.listen(0, '127.0.0.1', () => console.log('Join at http://127.0.0.1:' + server.address().port));
process.on('SIGINT', () => { require('node:fs').writeFileSync(process.argv[2], 'Ctrl+C'); process.exit(0); });
`;

let machine: FakeMachine;
let interruption: AbortController;

beforeEach(() => {
  machine = new FakeMachine();
  interruption = new AbortController();
  machine.isRoot = true;
  machine.env.TMPDIR = machine.folder;
  machine.env.npm_execpath = machine.write('npm/bin/npm-cli.js', '');
  machine.env.npm_node_execpath = machine.write('node', '');
  machine.write('npm/bin/npx-cli.js', '');
  machine.apt('debootstrap');
  machine.tool(
    'apt-get',
    'echo "http://mirror.test/debian/ bookworm main"; echo "http://else.test bookworm-other main"',
  );
  machine.tool('apt-config', `echo 'Acquire::http::Proxy "http://proxy.test";'; echo 'Acquire::cdrom "";'`);
  machine.tool('cat', 'echo ID=debian; echo VERSION_CODENAME=bookworm');
  machine.tool('setpriv', SETPRIV);
  machine.tool('debootstrap', '/bin/mkdir -p "$3/etc/apt/apt.conf.d" "$3/usr/local/bin"');
  machine.tool('git', 'case "$1" in clone) /bin/mkdir -p "$4";; esac');
  machine.tool('true', '');
  machine.realTool('cp');
});

afterEach(() => machine.remove());

const trees = () => readdirSync(machine.folder).filter(name => name.startsWith('mediasoup-heartbeat-fresh-'));
const run = (command = '') => testFresh(command, machine, interruption.signal);

describe('a machine that cannot make a bare Debian', () => {
  test.each<[string, RegExp, () => void]>([
    [
      'has no root',
      /^`npm run test:fresh` needs root.*sudo npm run test:fresh$/,
      () => {
        machine.isRoot = false;
      },
    ],
    [
      'is no Debian',
      /^`npm run test:fresh` makes its bare Debian.* in a container of one\.$/,
      () => machine.tool('cat', 'echo ID=gentoo'),
    ],
    [
      'was not asked by npm',
      /^`npm run test:fresh` .*Run it by npm/,
      () => {
        machine.env.npm_execpath = '';
      },
    ],
    [
      'has no namespaces',
      /^`npm run test:fresh` .*\(not permitted\).*SYS_ADMIN\.$/,
      () => machine.tool('setpriv', 'echo not permitted; exit 1'),
    ],
  ])('a machine that %s gets one line that says why and what to do', async (_, line, arrange) => {
    arrange();
    await expect(run()).rejects.toThrow(line);
    expect(machine.calls('debootstrap')).toEqual([]);
    expect(trees()).toEqual([]);
  });

  test('a machine whose apt-get knows no mirror is told so', async () => {
    machine.tool('apt-get', '');

    await expect(run()).rejects.toThrow(
      /^apt-get knows no mirror of Debian bookworm here\. .*apt-get update\.$/,
    );
  });
});

describe('a command in a bare Debian', () => {
  test('a command in a bare Debian runs in the clone, prints the last line, and leaves nothing behind', async () => {
    expect(await run(`pwd > ${machine.folder}/seen; exit 7`)).toBe(7);
    expect(readFileSync(join(machine.folder, 'seen'), 'utf8')).toMatch(
      /fresh-\w+\/root\/mediasoup-heartbeat\n$/,
    );
    expect(machine.lines.filter(line => line.startsWith('•'))).toEqual([
      '• A bare Debian',
      `• pwd > ${machine.folder}/seen; exit 7`,
    ]);
    expect(trees()).toEqual([]);
  });

  test('the base of the bare Debians is made once', async () => {
    await run('exit 0');
    await run('exit 0');
    expect(machine.calls('debootstrap')).toEqual([
      expect.stringMatching(/^--variant=minbase bookworm .*\.tmp http:\/\/mirror\.test\/debian\/$/),
    ]);
  });

  test("a bare Debian has this machine's Debian mirrors, its Node and its npm, and no other packages", async () => {
    const { folder } = machine;

    await run(`cp -r ../../etc/apt ${folder}/apt; cp -r ../../usr/local ${folder}/local`);
    expect(readFileSync(join(folder, 'apt/sources.list'), 'utf8')).toBe(
      'deb http://mirror.test/debian/ bookworm main\n',
    );
    expect(readFileSync(join(folder, 'apt/apt.conf.d/99reach'), 'utf8')).toBe(
      'Acquire::http::Proxy "http://proxy.test";\n',
    );
    expect(readdirSync(join(folder, 'local/bin')).toSorted()).toEqual(['node', 'npm', 'npx']);
  });

  test('uncommitted files are not in the clone, and a line says so', async () => {
    machine.tool('git', 'case "$1" in clone) /bin/mkdir -p "$4";; *) echo " M README.md";; esac');
    await run('exit 0');
    expect(machine.lines).toContain('  what is not committed is not in it');
  });

  test('an interruption ends the command and leaves nothing behind', async () => {
    const { folder } = machine;
    const running = run(`echo > ${folder}/running; exec /bin/sleep 60`);

    running.catch(() => {});
    await expect.poll(() => readdirSync(folder), { timeout: 20_000 }).toContain('running');
    interruption.abort();
    await expect(running).rejects.toThrow();
    expect(trees()).toEqual([]);
  });
});

describe("the README's commands", () => {
  const npm = (start: string) =>
    machine.tool('npm', `case "$*" in start) ${start};; test) echo > "${machine.folder}/tested";; esac`);

  test("the README's commands run in a bare Debian: the demo until it answers, then the tests", async () => {
    const demo = machine.write('demo.cjs', DEMO);

    npm(`exec "${process.execPath}" "${demo}" "${machine.folder}/stopped"`);
    expect(await run()).toBe(0);
    expect(machine.calls('npm')).toEqual(['ci', 'start', 'ci', 'test']);
    expect(readFileSync(join(machine.folder, 'stopped'), 'utf8')).toBe('Ctrl+C');
    expect(machine.lines).toEqual([
      '• A bare Debian',
      expect.stringMatching(/^ {2}making the minimal base of Debian bookworm/),
      expect.stringMatching(/^ {2}made in/),
      '• npm ci && npm start, until it answers',
      expect.stringMatching(/^ {2}http:\/\/127\.0\.0\.1:\d+ answers with 200, after/),
      '  stopped, and nothing of it is left',
      '• npm ci && npm test',
    ]);
  });

  test('a demo that ends before it answers is an error', async () => {
    npm('exit 3');
    await expect(run()).rejects.toThrow('npm ci && npm start ended with 3 before it said where to join.');
    expect(machine.calls('npm')).toEqual(['ci', 'start']);
    expect(trees()).toEqual([]);
  });

  test('a demo that does not end well is an error', async () => {
    const demo = machine.write('demo.cjs', DEMO.replace('exit(0)', 'exit(5)'));

    npm(`exec "${process.execPath}" "${demo}" "${machine.folder}/stopped"`);
    await expect(run()).rejects.toThrow('npm ci && npm start did not end well on Ctrl+C: it ended with 5.');
  });
});

test("a bare Debian gets only the proxy settings and the CI flag from this machine's environment", () => {
  expect(
    bareEnv({
      CI: 'true',
      HOME: '/home/ada',
      EDITOR: 'vi',
      https_proxy: 'http://proxy.test',
      npm_config_registry: 'http://registry.test',
      npm_config_cache: '/home/ada/.npm',
      npm_config_noproxy: '',
      MEDIASOUP_WORKER_BIN: '/a/worker',
    }),
  ).toEqual({
    CI: 'true',
    HOME: '/root',
    LANG: 'C.UTF-8',
    https_proxy: 'http://proxy.test',
    npm_config_registry: 'http://registry.test',
  });
});
