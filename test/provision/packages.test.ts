import { afterEach, beforeEach, expect, test } from 'vitest';
import { provisionWorker } from '../../scripts/provision-worker.ts';
import { debianRecipe } from '../../scripts/worker/recipe.ts';
import { FakeMachine } from './FakeMachine.ts';

let machine: FakeMachine;

beforeEach(() => {
  machine = new FakeMachine();
  machine.compiler();
});
afterEach(() => machine.remove());

test('without root, an error names the missing packages and the one line that installs them', async () => {
  machine.apt('g++', 'libssl-dev', 'flatbuffers-compiler', 'libflatbuffers-dev');

  const provisioned = provisionWorker(machine);

  await expect(provisioned).rejects.toThrow('not installed: libuv1-dev, libsrtp2-dev.');
  await expect(provisioned).rejects.toThrow(
    /^ {2}sudo apt-get update && sudo apt-get install -y --no-install-recommends libuv1-dev libsrtp2-dev$/m,
  );
  expect(machine.calls('apt-get')).toEqual([]);
  expect(machine.calls('g++')).toEqual([]);
});

test('as root, missing packages are named first and then installed', async () => {
  machine.isRoot = true;
  machine.apt('g++', 'libssl-dev', 'flatbuffers-compiler', 'libflatbuffers-dev');
  let callsWhenSaid: string[] | undefined;
  const log = (line: string) => {
    if (line.includes('libuv1-dev libsrtp2-dev')) callsWhenSaid = machine.calls('apt-get');
  };

  await provisionWorker({ ...machine, log });

  expect(callsWhenSaid).toEqual([]);
  expect(machine.calls('apt-get')).toEqual([
    expect.stringMatching(/ install -y --no-install-recommends libuv1-dev libsrtp2-dev$/),
  ]);
});

test('as root, nothing is installed when nothing is missing', async () => {
  machine.isRoot = true;
  machine.apt(...debianRecipe.packages);

  await provisionWorker(machine);

  expect(machine.calls('apt-get')).toEqual([]);
});

test('empty package lists are fetched', async () => {
  machine.isRoot = true;
  machine.apt();
  machine.tool(
    'apt-get',
    `case "$*" in *update) : > "${machine.folder}/lists";; *) [ -e "${machine.folder}/lists" ];; esac`,
  );

  await provisionWorker(machine);

  expect(machine.calls('apt-get').map(call => /update|install/.exec(call)?.[0])).toEqual([
    'install',
    'update',
    'install',
  ]);
});

test('a failed install shows what apt-get said', async () => {
  machine.isRoot = true;
  machine.apt();
  machine.tool('apt-get', 'echo "E: no route to the mirror"; exit 100');

  await expect(provisionWorker(machine)).rejects.toThrow(
    /could not install them: g\+\+.*E: no route to the mirror/s,
  );
});

test("on other systems than Debian, the error names mediasoup's own way", async () => {
  machine.isRoot = true;

  await expect(provisionWorker(machine)).rejects.toThrow(
    'npm run worker:build --prefix node_modules/mediasoup',
  );
});
