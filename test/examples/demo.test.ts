import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { LOGGING, logIn } from '../harness/mediasoupLog.ts';

const DEMO = 'examples/meeting/main.ts';

type Outcome = { code: number; stdout: string; stderr: string };

async function run(...args: string[]): Promise<Outcome> {
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, [DEMO, ...args], { env: LOGGING })) };
  } catch (error) {
    return error as Outcome;
  }
}

describe('the story', () => {
  it('the story comes out as expected, as JSON with one object per line and nothing else', async () => {
    const { code, stdout, stderr } = await run('--story', '--json');
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));
    const { summary } = lines.at(-1);

    expect(summary, stdout).toMatchObject({ ok: true });
    expect(code).toBe(0);
    expect(logIn(stderr)).toEqual([]);
    expect(summary.checks).toHaveLength(5);

    for (const line of lines.slice(0, -1)) {
      expect(line).toEqual({
        at: expect.any(Number),
        peer: expect.any(String),
        transport: expect.stringMatching(/^(send|recv)$/),
        from: expect.any(String),
        to: expect.any(String),
        reason: expect.any(String),
        detectedAfter: line.detectedAfter === null ? null : expect.any(Number),
      });
    }

    const reasonsOf = (peer: string) => lines.filter(line => line.peer === peer).map(line => line.reason);

    expect(new Set(reasonsOf('healthy'))).toEqual(new Set(['first-pong']));
    expect(reasonsOf('closes')).toContain('goodbye');
  }, 120_000);
});

describe('the story of recovery', () => {
  it('in the story of recovery each client keeps its call, and says after how long packets came again', async () => {
    const { code, stdout, stderr } = await run('--story', 'recovery', '--json');
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));
    const { summary } = lines.at(-1);

    expect(summary, stdout).toMatchObject({ ok: true });
    expect(code).toBe(0);
    expect(logIn(stderr)).toEqual([]);
    expect(summary.checks).toHaveLength(3);

    for (const peer of ['walks', 'walks-twice', 'unsignalled']) {
      for (const transport of ['send', 'recv']) {
        expect(lines).toContainEqual({
          at: expect.any(Number),
          peer,
          transport,
          restoredIn: expect.any(Number),
          provenIn: expect.any(Number),
          outage: expect.any(Number),
        });
      }
    }
  }, 120_000);
});

describe('the story of actions', () => {
  it('in the story of actions each verdict leads to what the application does with it', async () => {
    const { code, stdout, stderr } = await run('--story', 'actions', '--json');
    const { summary } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');

    expect(summary, stdout).toMatchObject({ ok: true });
    expect(code).toBe(0);
    expect(logIn(stderr)).toEqual([]);
    expect(summary.checks.map(({ name }: { name: string }) => name.split(':')[0])).toEqual([
      'speaks',
      'muted',
      'returns',
      'stays-away',
      'blocked',
      'congested',
      'half',
    ]);
  }, 240_000);
});

describe('the command line', () => {
  it('the command line prints its usage', async () => {
    expect(await run('--help')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('npm start -- --story'),
    });
  });

  it.each([
    ['--tale', "Unknown option '--tale'"],
    ['--port=high', '--port must be an integer from 0 to 65535, got high'],
    ['--peers=21', '--peers must be an integer from 0 to 20, got 21'],
    ['--json', '--json goes with --story'],
    ['--story comedy', '--story takes one of verdicts, recovery, actions, got comedy'],
    ['recovery', '--story takes one of verdicts, recovery, actions, got recovery'],
  ])('the command line refuses %s and says what is wrong', async (args, message) => {
    expect(await run(...args.split(' '))).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(message),
    });
  });

  it('the command line says how to choose another port if one is taken', async () => {
    const first = spawn(process.execPath, [DEMO, '--port', '0', '--peers', '0'], { stdio: 'pipe' });
    const greeting = await new Promise<string>(resolve =>
      first.stdout.once('data', data => resolve(String(data))),
    );
    const port = /:(\d+)/.exec(greeting)?.[1] ?? '';

    expect(await run('--port', port)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`Port ${port} is taken. Choose another one: npm start -- --port`),
    });

    const exited = new Promise(resolve => first.once('exit', resolve));

    first.kill('SIGINT');
    expect(await exited).toBe(0);
  });
});

describe('the minimal example', () => {
  it('the minimal example prints that its client is alive, and that it said goodbye', async () => {
    const server = spawn(process.execPath, ['examples/minimal/server.ts'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const said = (text: string, of: typeof server) =>
      new Promise<void>(resolve => {
        of.stdout.on('data', data => String(data).includes(text) && resolve());
      });

    await said('waiting', server);

    const client = spawn(process.execPath, ['examples/minimal/client.ts'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const goodbye = said('dead (goodbye)', server);

    await Promise.all([said('alive (first-pong)', server), said('alive (first-ping)', client)]);
    client.kill('SIGINT');
    await goodbye;

    const gone = new Promise(resolve => server.once('exit', resolve));

    server.kill();
    await gone;
  });
});
