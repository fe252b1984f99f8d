import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeProject } from './FakeProject.ts';

let project: FakeProject;

beforeEach(() => {
  project = new FakeProject();
  project.program('tsc', '');
  project.program('biome', '');
  project.program('vitest', 'echo "worker=$MEDIASOUP_WORKER_BIN browser=$CHROMIUM_BIN"; echo Tests 2 passed');
});
afterEach(() => project.remove());

test("runs the steps in order and ends with vitest's own summary", async () => {
  const { code, stdout } = await project.run('test.ts');

  expect(code).toBe(0);
  expect(stdout.match(/^• .*/gm)).toEqual([
    '• Types',
    '• Lint',
    '• mediasoup-worker',
    '• Browser',
    '• Build',
    '• Tests',
  ]);
  expect(stdout).toMatch(/Tests 2 passed\n$/);
});

test('gives the arguments, the worker and the browser to vitest', async () => {
  const { stdout } = await project.run('test.ts', 'test/server', '--bail', '1');
  const worker = join(project.machine.folder, 'a-worker');

  expect(project.calls('vitest')).toEqual(['run test/server --bail 1']);
  expect(stdout).toContain(`worker=${worker} browser=${worker}`);
});

test("has vitest's exit code", async () => {
  project.program('vitest', 'exit 1');

  expect((await project.run('test.ts')).code).toBe(1);
});

test('stops at the first step that fails', async () => {
  project.program('biome', 'echo a lint error; exit 1');

  const { code, stdout, stderr } = await project.run('test.ts');

  expect(code).toBe(1);
  expect(stdout).toContain('a lint error');
  expect(stdout).not.toContain('• mediasoup-worker');
  expect(stderr).toContain('biome check failed');
  expect(project.calls('vitest')).toEqual([]);
});
