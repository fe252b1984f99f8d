import { once } from 'node:events';
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeProject } from './FakeProject.ts';

let project: FakeProject;

beforeEach(() => {
  project = new FakeProject();
});
afterEach(() => project.remove());

test('the demo gets the arguments and the worker', async () => {
  project.write(
    'examples/meeting/main.ts',
    'console.log(JSON.stringify([process.argv.slice(2), process.env.MEDIASOUP_WORKER_BIN]));',
  );

  const { stdout } = await project.run('start.ts', '--story', '--json');

  expect(JSON.parse(stdout)).toEqual([['--story', '--json'], join(project.machine.folder, 'a-worker')]);
});

test("nothing but the demo's output is on stdout", async () => {
  project.write('examples/meeting/main.ts', 'console.log(`{"alive":true}`);');

  const { stdout, stderr } = await project.run('start.ts', '--json');

  expect(stdout).toBe('{"alive":true}\n');
  expect(stderr).toContain('build: packages/protocol');
});

test("the demo's exit code is the exit code of npm start", async () => {
  project.write('examples/meeting/main.ts', 'process.exit(7);');

  expect((await project.run('start.ts')).code).toBe(7);
});

test.each(['SIGTERM', 'SIGINT'] as const)('the demo gets a %s and may take its time', async signal => {
  project.write(
    'examples/meeting/main.ts',
    `setInterval(() => {}, 1000);
     process.on('${signal}', () => setTimeout(() => { console.log('goodbye'); process.exit(3); }, 200));
     console.log('ready');`,
  );

  const child = project.start('start.ts');
  const said: string[] = [];
  child.stdout.setEncoding('utf8').on('data', text => {
    said.push(text.trim());
    if (text.includes('ready')) child.kill(signal);
  });
  const [code] = await once(child, 'close');

  expect(said).toEqual(['ready', 'goodbye']);
  expect(code).toBe(3);
});

test('packages are built once, and again from the one that changed', { timeout: 90_000 }, async () => {
  project.write('examples/meeting/main.ts', '');
  await project.run('start.ts');
  await project.run('start.ts');
  expect(project.calls('tsup')).toHaveLength(5);

  const soon = new Date(Date.now() + 10_000);
  utimesSync(project.write('packages/server/src/index.ts', '// changed'), soon, soon);
  const { stderr } = await project.run('start.ts');

  expect(stderr).not.toContain('packages/protocol');
  expect(project.calls('tsup')).toHaveLength(9);
});

test('a build that fails shows what it said, and the demo does not start', async () => {
  project.write('examples/meeting/main.ts', 'console.log("started");');
  project.program('tsup', 'echo "index.ts(1,1): no such thing"; exit 1');

  const { code, stdout, stderr } = await project.run('start.ts');

  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toContain('Building packages/protocol failed:\nindex.ts(1,1): no such thing');
});
