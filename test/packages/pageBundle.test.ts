import { expect, it } from 'vitest';
import {
  ALL_HOOKS,
  BUDGETS,
  bundleForPage,
  CLIENT_HALF,
  CODEC,
  HOOKS,
} from '../../packages/client/scripts/pageBundle.ts';

const clientHalf = await bundleForPage(CLIENT_HALF);
const files = clientHalf.files.map(([path]) => path);

it('enableHeartbeat() and its codec stay within the size that the README names', async () => {
  const codec = await bundleForPage(CODEC);

  expect(clientHalf.gzip).toBeLessThan(BUDGETS.clientHalf);
  expect(codec.gzip).toBeLessThan(BUDGETS.codec);
});

it('the hooks for React stay within the size that their README names, and need nothing else of the client half', async () => {
  const hooks = await bundleForPage(HOOKS);

  expect(hooks.gzip).toBeLessThan(BUDGETS.hooks);
  expect(hooks.files.filter(([path]) => !path.startsWith('react/'))).toEqual([]);
  expect((await bundleForPage(ALL_HOOKS)).gzip).toBeLessThan(BUDGETS.allHooks);
});

it('the bundle of a page has the small codec, not msgpackr', () => {
  expect(files).toContain('protocol/src/messagePack.browser.ts');
  expect(files).not.toContain('protocol/src/messagePack.ts');
  expect(files.filter(path => !/^(client|protocol)\/src\//.test(path))).toEqual([]);
});

it('the bundle of a page makes no code from strings', () => {
  expect(clientHalf.code).not.toMatch(/\beval\b|\bFunction\(/);
});

it('the bundle of a page has nothing that only the server needs', () => {
  const ofTheServer = ['ServerEndpoint', 'ServerJudge', 'PingsInFlight', 'LocalHealth'];

  expect(files).toContain('protocol/src/endpoint/ClientEndpoint.ts');
  expect(files.filter(path => ofTheServer.some(name => path.endsWith(`/${name}.ts`)))).toEqual([]);
});
