import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { provisionWorker } from '../../scripts/provision-worker.ts';
import { cachedWorker } from '../../scripts/worker/locate.ts';
import { debianRecipe, recipeFor } from '../../scripts/worker/recipe.ts';
import { FakeMachine, GOOD_WORKER } from './FakeMachine.ts';

let machine: FakeMachine;

beforeEach(() => {
  machine = new FakeMachine();
});
afterEach(() => machine.remove());

describe('MEDIASOUP_WORKER_BIN', () => {
  test('MEDIASOUP_WORKER_BIN wins over everything else', async () => {
    machine.write('mediasoup/worker/out/Release/mediasoup-worker', GOOD_WORKER, 0o755);
    machine.env.MEDIASOUP_WORKER_BIN = machine.write('my-worker', GOOD_WORKER, 0o755);

    expect(await provisionWorker(machine)).toBe(machine.env.MEDIASOUP_WORKER_BIN);
  });

  test.each([
    ['is not there', 0, '', 'there is no such file'],
    ['is not executable', 0o644, GOOD_WORKER, 'not executable'],
    ['is no worker', 0o755, '#!/bin/sh\necho wrong libc >&2; exit 1\n', 'exit status 1): wrong libc'],
    ['is half a file', 0o755, '\x7fELF', 'it does not start'],
  ])('MEDIASOUP_WORKER_BIN is an error if the file %s', async (_, mode, content, message) => {
    machine.write('mediasoup/worker/out/Release/mediasoup-worker', GOOD_WORKER, 0o755);
    machine.env.MEDIASOUP_WORKER_BIN = join(machine.folder, 'my-worker');
    if (mode) machine.write('my-worker', content, mode);

    const provisioned = provisionWorker(machine);

    await expect(provisioned).rejects.toThrow(message);
    await expect(provisioned).rejects.toThrow('unset MEDIASOUP_WORKER_BIN');
  });
});

describe('a worker that is already there', () => {
  test("a worker of mediasoup's own installer is used", async () => {
    const own = machine.write('mediasoup/worker/out/Release/mediasoup-worker', GOOD_WORKER, 0o755);

    expect(await provisionWorker(machine)).toBe(own);
  });

  test('a worker in the cache is used, and nothing is built or printed', async () => {
    machine.compiler();
    machine.apt(...debianRecipe.packages);
    const built = await provisionWorker(machine);
    const compilerCalls = machine.calls('g++').length;
    machine.lines.length = 0;

    expect(await provisionWorker(machine)).toBe(built);
    expect(machine.calls('g++')).toHaveLength(compilerCalls);
    expect(machine.lines).toEqual([]);
  });

  test('half a worker in the cache is made again', async () => {
    machine.compiler();
    machine.apt(...debianRecipe.packages);
    const cached = cachedWorker(machine, machine.mediasoup, debianRecipe);
    machine.write(cached.slice(machine.folder.length), '\x7fELF', 0o755);

    expect(await provisionWorker(machine)).toBe(cached);
    expect(readFileSync(cached, 'utf8')).toBe(GOOD_WORKER);
    expect(machine.lines[0]).toContain(`passing over ${cached}`);
  });

  test('a worker of another recipe or another mediasoup is not used', async () => {
    machine.compiler();
    machine.apt(...debianRecipe.packages);
    const first = await provisionWorker(machine);
    const other = await provisionWorker({ ...machine, recipe: { ...debianRecipe, libraries: ['-lother'] } });
    const newer = await provisionWorker({
      ...machine,
      mediasoup: { ...machine.mediasoup, version: '3.27.2' },
    });

    expect(new Set([first, other, newer]).size).toBe(3);
    expect(machine.calls('flatc')).toHaveLength(3);
  });

  test('a worker is not used if a shim header has changed', async () => {
    const recipe = { ...debianRecipe, shims: join(machine.folder, 'shims') };
    machine.write('shims/ankerl/unordered_dense.h', '// one\n');
    const before = cachedWorker(machine, machine.mediasoup, recipe);
    machine.write('shims/ankerl/unordered_dense.h', '// two\n');

    expect(cachedWorker(machine, machine.mediasoup, recipe)).not.toBe(before);
  });
});

describe('building', () => {
  test('the worker is built once if two processes want it at the same time', async () => {
    machine.compiler();
    machine.apt(...debianRecipe.packages);

    const [one, other] = await Promise.all([provisionWorker(machine), provisionWorker(machine)]);

    expect(one).toBe(other);
    expect(machine.calls('flatc')).toHaveLength(1);
    expect(machine.lines).toContain('worker: another process is making it, waiting for that one');
  });

  test('the build is not blocked by the lock of a process that is gone', async () => {
    machine.compiler();
    machine.apt(...debianRecipe.packages);
    const cached = cachedWorker(machine, machine.mediasoup, debianRecipe);
    machine.write(`${cached.slice(machine.folder.length)}.lock`, '2147483646');

    expect(await provisionWorker(machine)).toBe(cached);
  });

  test('the build leaves the sources in node_modules as they are', async () => {
    machine.compiler();
    machine.apt(...debianRecipe.packages);
    const source = join(machine.mediasoup.folder, 'worker/src/RTC/DtlsTransport.cpp');
    const before = readFileSync(source, 'utf8');

    await provisionWorker(machine);

    expect(readFileSync(source, 'utf8')).toBe(before);
  });

  test('the build stops if the fix for the crash does not apply', async () => {
    machine.compiler();
    machine.apt(...debianRecipe.packages);
    writeFileSync(join(machine.mediasoup.folder, 'worker/src/RTC/DtlsTransport.cpp'), 'something else\n');

    await expect(provisionWorker(machine)).rejects.toThrow(/BIO_CB_RETURN\)" 0 times instead of once/);
    expect(machine.calls('g++')).toEqual([]);
  });

  test('a failed build shows the first errors and keeps the whole output', async () => {
    machine.compiler();
    machine.apt(...debianRecipe.packages);
    machine.tool('g++', "echo 'lib.cpp:1:1: error: expected a miracle' >&2; echo details >&2; exit 1");

    const error: Error = await provisionWorker(machine).catch(error => error);
    const log = /The whole output is in (.*)/.exec(error.message)?.[1] ?? '';

    expect(error.message).toContain(
      'failed at compiling:\nlib.cpp:1:1: error: expected a miracle\nThe whole',
    );
    expect(readFileSync(log, 'utf8')).toContain('details');
  });

  test('the build compiles file by file what does not compile as one', async () => {
    machine.compiler();
    machine.apt(...debianRecipe.packages);
    const works = readFileSync(join(machine.folder, 'bin/g++'), 'utf8');
    machine.write(
      'bin/g++',
      works.replace('while', 'case "$*" in *"-c batch0.cpp"*) exit 1;; esac; while'),
      0o755,
    );

    await provisionWorker(machine);

    expect(machine.calls('g++').filter(call => call.includes('-c src/lib.cpp'))).toHaveLength(1);
  });

  test('a built worker that does not start is not used', async () => {
    machine.apt(...debianRecipe.packages);
    machine.tool('flatc', '');
    machine.tool('g++', `while [ $# -gt 0 ]; do [ "$1" = -o ] && product=$2; shift; done; echo > "$product"`);

    await expect(provisionWorker(machine)).rejects.toThrow('failed at starting the result');
    await expect(provisionWorker(machine)).rejects.toThrow('failed at starting the result');
  });
});

describe('the oldest supported version', () => {
  beforeEach(() => {
    machine.compiler();
    machine.mediasoup = { ...machine.mediasoup, version: '3.19.19', variable: 'MEDIASOUP_OLDEST_WORKER_BIN' };
    machine.write(
      'mediasoup/worker/deps/libwebrtc/meson.build',
      "libwebrtc_sources = [\n  'api/units.cc',\n]\n",
    );
    machine.write('mediasoup/worker/deps/libwebrtc/api/units.cc', '');
  });

  test('the oldest worker is built by a recipe of its own and kept beside the current one', async () => {
    machine.apt(...recipeFor('3.19.19').packages);

    const oldest = await provisionWorker(machine);
    const [link] = machine.calls('g++').filter(call => call.includes('-o mediasoup-worker'));

    expect(link).toContain('-lusrsctp');
    expect(machine.calls('g++').every(call => call.includes('-DMS_USE_BUILTIN_BWE'))).toBe(false);
    expect(oldest).not.toBe(cachedWorker(machine, machine.mediasoup, debianRecipe));
  });

  test('the oldest worker needs more packages than the current one', async () => {
    machine.apt(...debianRecipe.packages);

    await expect(provisionWorker(machine)).rejects.toThrow('not installed: libusrsctp-dev, libabsl-dev.');
  });

  test('the oldest worker also compiles what libwebrtc lists', async () => {
    machine.apt(...recipeFor('3.19.19').packages);
    machine.write('mediasoup/worker/deps/libwebrtc/meson.build', '');

    await expect(provisionWorker(machine)).rejects.toThrow(
      /deps\/libwebrtc\/meson\.build of the npm package mediasoup has no list "libwebrtc_sources"/,
    );
  });

  test('the oldest worker has an environment variable of its own', async () => {
    machine.env.MEDIASOUP_WORKER_BIN = '/nonexistent';
    machine.env.MEDIASOUP_OLDEST_WORKER_BIN = machine.write('my-worker', GOOD_WORKER, 0o755);

    expect(await provisionWorker(machine)).toBe(machine.env.MEDIASOUP_OLDEST_WORKER_BIN);
  });
});
