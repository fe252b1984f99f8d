import { afterEach, beforeEach, expect, test } from 'vitest';
import { provisionCoturn } from '../../scripts/provision-coturn.ts';
import { FakeMachine } from './FakeMachine.ts';

let machine: FakeMachine;

beforeEach(() => {
  machine = new FakeMachine();
});
afterEach(() => machine.remove());

test('a coturn that is installed is used, and nothing is installed', async () => {
  machine.apt();
  machine.tool('turnserver', '');

  expect(await provisionCoturn({ ...machine, isRoot: true, startsServices: false })).toBe(
    `${machine.folder}/bin/turnserver`,
  );
  expect(machine.calls('apt-get')).toEqual([]);
  expect(machine.lines).toEqual([]);
});

test('a missing coturn is installed for root, after an announcement', async () => {
  machine.apt();

  // What the fake apt-get installs is nothing.
  await provisionCoturn({ ...machine, isRoot: true, startsServices: false });

  expect(machine.calls('apt-get')).toEqual([expect.stringMatching(/install -y .* coturn$/)]);
  expect(machine.lines[0]).toMatch(/Installing outside this folder, with apt-get: coturn$/);
});

test('a missing coturn is not installed without root, and one line says how to do it', async () => {
  machine.apt();

  expect(await provisionCoturn({ ...machine, startsServices: false })).toBeUndefined();
  expect(machine.calls('apt-get')).toEqual([]);
  expect(machine.lines).toEqual([
    expect.stringMatching(
      /^The tests over TURN are skipped\. .* sudo apt-get update && sudo apt-get install -y .*coturn$/,
    ),
  ]);
});

test('a missing coturn is not installed where it would become a service of the machine, and one line says so', async () => {
  machine.apt();

  expect(await provisionCoturn({ ...machine, isRoot: true, startsServices: true })).toBeUndefined();
  expect(machine.calls('apt-get')).toEqual([]);
  expect(machine.lines).toEqual([
    expect.stringMatching(/^The tests over TURN are skipped\. .* systemctl disable --now coturn$/),
  ]);
});

test('a system without apt is told that coturn is missing', async () => {
  expect(await provisionCoturn({ ...machine, isRoot: true, startsServices: false })).toBeUndefined();
  expect(machine.lines).toEqual([expect.stringMatching(/^The tests over TURN are skipped\. .*turnserver/)]);
});
