import { readFileSync } from 'node:fs';
import { arch, platform, release } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { provisionWorker } from '../../scripts/provision-worker.ts';
import { prebuiltUrl } from '../../scripts/worker/prebuilt.ts';
import { debianRecipe } from '../../scripts/worker/recipe.ts';
import { FakeMachine, GOOD_WORKER } from './FakeMachine.ts';

let machine: FakeMachine;

beforeEach(() => {
  machine = new FakeMachine();
  machine.compiler();
  machine.apt(...debianRecipe.packages);
});
afterEach(() => machine.remove());

const wasBuilt = () => machine.calls('flatc').length > 0;

test('a prebuilt worker is used if there is one for this machine', async () => {
  const archive = machine.archive(GOOD_WORKER);
  let requested: string | undefined;
  await machine.releases((request, response) => {
    requested = request.url;
    response.end(archive);
  });

  const path = await provisionWorker(machine);

  const kernel = platform() === 'linux' ? `-kernel${release().split('.')[0]}` : '';
  expect(requested).toBe(
    `/releases/download/3.27.1/mediasoup-worker-3.27.1-${platform()}-${arch()}${kernel}.tgz`,
  );
  expect(readFileSync(path, 'utf8')).toBe(GOOD_WORKER);
  expect(wasBuilt()).toBe(false);
});

test('a prebuilt worker is looked for where mediasoup itself would look', () => {
  machine.env.MEDIASOUP_WORKER_PREBUILT_DOWNLOAD_BASE_URL = 'http://mirror.example/workers';

  expect(prebuiltUrl(machine.mediasoup, machine)).toMatch(
    /^http:\/\/mirror\.example\/workers\/3\.27\.1\/mediasoup-worker-/,
  );
});

test('a prebuilt worker is not looked for if the user says so', async () => {
  machine.env.MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD = 'true';
  let requests = 0;
  await machine.releases((_, response) => {
    requests++;
    response.end();
  });

  await provisionWorker(machine);

  expect(requests).toBe(0);
  expect(wasBuilt()).toBe(true);
});

test('the worker is built if the prebuilt one is out of reach', async () => {
  await provisionWorker(machine);

  expect(machine.lines[1]).toMatch(/not from there: .*ECONNREFUSED/);
  expect(wasBuilt()).toBe(true);
});

test('the worker is built if no prebuilt one is published for this machine', async () => {
  await machine.releases((_, response) => response.writeHead(404).end());

  await provisionWorker(machine);

  expect(machine.lines[1]).toContain('none is published for this machine');
  expect(wasBuilt()).toBe(true);
});

test('a prebuilt worker that does not start here is deleted, and the worker is built', async () => {
  const archive = machine.archive('#!/bin/sh\necho "version GLIBC_9.99 not found" >&2; exit 1\n');
  await machine.releases((_, response) => response.end(archive));

  const path = await provisionWorker(machine);

  expect(machine.lines[1]).toContain('GLIBC_9.99');
  expect(readFileSync(path, 'utf8')).toBe(GOOD_WORKER);
  expect(wasBuilt()).toBe(true);
});

test('a download that breaks off halfway is deleted, and the worker is built', async () => {
  const archive = machine.archive(GOOD_WORKER);
  await machine.releases((_, response) => {
    response.writeHead(200, { 'content-length': archive.length });
    response.write(archive.subarray(0, 40), () => response.destroy());
  });

  await provisionWorker(machine);

  expect(wasBuilt()).toBe(true);
});

test('a prebuilt worker costs a few seconds in a network that swallows everything', {
  timeout: 20_000,
}, async () => {
  await machine.releases(() => {});
  const startedAt = Date.now();

  await provisionWorker(machine);

  expect(Date.now() - startedAt).toBeLessThan(10_000);
  expect(machine.lines[1]).toContain('no answer');
  expect(wasBuilt()).toBe(true);
});
