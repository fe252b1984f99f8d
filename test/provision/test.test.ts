import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeProject } from './FakeProject.ts';

let project: FakeProject;

beforeEach(() => {
  project = new FakeProject();
  project.program('tsc', '');
  project.program('biome', '');
  project.program(
    'vitest',
    'echo "worker=$MEDIASOUP_WORKER_BIN oldest=$MEDIASOUP_OLDEST_WORKER_BIN browser=$CHROMIUM_BIN firefox=$FIREFOX_BIN"; echo Tests 2 passed; ' +
      `echo '{"passed":2,"failed":0,"skipped":1}' > "$TEST_COUNTS"`,
  );
});
afterEach(() => project.remove());

test('npm test runs the steps in order and ends with the sum of the tests', async () => {
  const { code, stdout } = await project.run('test.ts');

  expect(code).toBe(0);
  expect(stdout.match(/^• .*/gm)).toEqual([
    '• Types',
    '• Lint',
    '• mediasoup-worker',
    '• mediasoup-worker 3.19.19, the oldest supported',
    '• Browser',
    '• Firefox',
    '• coturn',
    '• Build',
    '• Tests',
    '• Tests in Firefox',
  ]);
  expect(stdout).toMatch(/Tests 2 passed\n4 passed, 0 failed, 2 skipped\n$/);
});

test('npm test passes the arguments, the workers and the browser to vitest', async () => {
  const { stdout } = await project.run('test.ts', 'test/server', '--bail', '1');
  const worker = join(project.machine.folder, 'a-worker');
  const oldest = join(project.machine.folder, 'an-old-worker');

  expect(project.calls('vitest')).toEqual(['run test/server --bail 1']);
  expect(stdout).toContain(`worker=${worker} oldest=${oldest} browser=${worker}`);
});

describe('a test file that a busy machine may have failed', () => {
  const fails = (isFaultless: boolean) =>
    'case "$*" in *again.test.ts*) ' +
    `echo '{"passed":3,"failed":0,"skipped":0}' > "$TEST_COUNTS";; *) ` +
    `echo '{"passed":2,"failed":${isFaultless ? 0 : 1},"skipped":0,"again":["test/again.test.ts"],"failures":["a test"],"isFaultless":${isFaultless}}' > "$TEST_COUNTS"; exit 1;; esac`;

  test('a file that fails once is run again alone, counts as it ends then, and is named', async () => {
    project.program('vitest', fails(true));

    const { code, stdout } = await project.run('test.ts', 'test/server');

    expect(project.calls('vitest')).toEqual(['run test/server', 'run test/again.test.ts --maxWorkers 1']);
    expect(stdout).toMatch(/^• Again, alone, .*: test\/again\.test\.ts$/m);
    expect(stdout).toMatch(/failed, then passed when run again: a test\n5 passed, 0 failed\n$/);
    expect(code).toBe(0);
  });

  test('a file that passes when it is run again does not hide that others fail', async () => {
    project.program('vitest', fails(false));

    const { code, stdout } = await project.run('test.ts', 'test/server');

    expect(stdout).toMatch(/5 passed, 1 failed\n$/);
    expect(code).toBe(1);
  });

  test('a file that fails twice fails', async () => {
    project.program(
      'vitest',
      `echo '{"passed":1,"failed":0,"skipped":0,"again":["test/again.test.ts"],"failures":["a test"],"isFaultless":true}' > "$TEST_COUNTS"; exit 1`,
    );

    const { code, stdout } = await project.run('test.ts', 'test/server');

    expect(project.calls('vitest')).toHaveLength(2);
    expect(stdout).not.toContain('then passed');
    expect(stdout).toMatch(/2 passed, 1 failed\n$/);
    expect(code).toBe(1);
  });
});

describe('the oldest worker that cannot be had', () => {
  beforeEach(() => {
    const { machine } = project;

    // A machine without Debian's tools, and with nothing but what the fake build calls.
    machine.realTool('mkdir');
    machine.realTool('touch');
    project.env = { ...machine.env, XDG_CACHE_HOME: '', CI: '', MEDIASOUP_OLDEST_WORKER_BIN: '' };
  });

  test('a missing oldest worker is reported in one line, and the tests go on without it', async () => {
    const { code, stdout } = await project.run('test.ts');

    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}not to be had here, .*skipped/m);
    expect(stdout).toMatch(/ oldest= browser=/);
  });

  test('a missing oldest worker is an error in CI', async () => {
    project.env.CI = 'true';

    const { code, stderr } = await project.run('test.ts');

    expect(code).toBe(1);
    expect(stderr).toContain('There is no mediasoup-worker 3.19.19 here');
    expect(project.calls('vitest')).toEqual([]);
  });

  test('an oldest worker that was named and does not exist is an error', async () => {
    project.env.MEDIASOUP_OLDEST_WORKER_BIN = '/nonexistent/worker';

    const { code, stderr } = await project.run('test.ts');

    expect(code).toBe(1);
    expect(stderr).toContain('MEDIASOUP_OLDEST_WORKER_BIN names /nonexistent/worker');
  });
});

describe('Firefox', () => {
  test('Firefox is tested after everything else, in a network of its own, and nowhere else', async () => {
    const { stdout } = await project.run('test.ts');

    expect(project.calls('vitest')).toEqual([
      'run --exclude test/e2e/firefox.test.ts --passWithNoTests',
      'run test/e2e/firefox.test.ts',
    ]);
    expect(stdout).toMatch(/^• Tests in Firefox\n.* firefox=.*a-worker$/m);
    expect(project.calls('unshare')).not.toEqual([]);
  });

  test('Firefox is tested for arguments that concern it, and not for others', async () => {
    await project.run('test.ts', 'test/chaos', 'test/e2e', '-t', 'reload');
    expect(project.calls('vitest')).toEqual([
      'run test/chaos test/e2e --exclude test/e2e/firefox.test.ts --passWithNoTests -t reload',
      'run test/e2e/firefox.test.ts -t reload',
    ]);

    const { stdout } = await project.run('test.ts', 'test/server');

    expect(stdout).not.toContain('Firefox');
  });

  test('Firefox is also tested if other tests fail, and the exit code tells of those', async () => {
    project.program('vitest', 'case "$*" in *exclude*) exit 1;; esac');

    const { code, stdout } = await project.run('test.ts');

    expect(stdout).toContain('• Tests in Firefox');
    expect(project.calls('vitest')).toHaveLength(2);
    expect(code).toBe(1);
  });

  test('a missing Firefox is reported in one line, and the tests go on without it', async () => {
    project.machine.realTool('mkdir');
    project.machine.realTool('touch');
    project.env = { ...project.machine.env, CI: '', FIREFOX_BIN: '' };

    const { code, stdout } = await project.run('test.ts');

    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}Firefox is not to be had here, .*left out.*FIREFOX_BIN/m);
    expect(project.calls('vitest')).toEqual(['run --exclude test/e2e/firefox.test.ts --passWithNoTests']);
  });

  test('a missing Firefox is an error in CI', async () => {
    project.env = { ...project.machine.env, CI: 'true', FIREFOX_BIN: '' };

    const { code, stderr } = await project.run('test.ts');

    expect(code).toBe(1);
    expect(stderr).toContain('There is no Firefox here that starts');
    expect(project.calls('vitest')).toEqual([]);
  });
});

test("npm test ends with vitest's exit code", async () => {
  project.program('vitest', 'exit 1');

  expect((await project.run('test.ts')).code).toBe(1);
});

test('npm test stops at the first step that fails', async () => {
  project.program('biome', 'echo a lint error; exit 1');

  const { code, stdout, stderr } = await project.run('test.ts');

  expect(code).toBe(1);
  expect(stdout).toContain('a lint error');
  expect(stdout).not.toContain('• mediasoup-worker');
  expect(stderr).toContain('biome check failed');
  expect(project.calls('vitest')).toEqual([]);
});
