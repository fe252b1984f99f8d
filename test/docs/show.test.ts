import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { DeviceHeartbeat } from '@mediasoup-heartbeat/client';
import { build } from 'esbuild';
import { compileModule } from 'svelte/compiler';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { App } from '../client/App.ts';
import { type Source, startSource } from '../client/Source.ts';
import { until } from '../harness/events.ts';

// Runs the examples of docs/guides/show.md with the framework that each is for, and a real heartbeat.

// Each bundles a framework first.
vi.setConfig({ testTimeout: 120_000 });

const root = fileURLToPath(new URL('../../', import.meta.url));
let folder: string;
let source: Source;
let app: App;
let heartbeats: DeviceHeartbeat;

beforeAll(async () => {
  [source, folder] = await Promise.all([startSource(), mkdtemp(join(tmpdir(), 'mediasoup-heartbeat-show-'))]);
});

afterAll(async () => {
  source.worker.close();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  app = new App(source, { serverSide: true, clientSide: true });
  await app.load();
  heartbeats = app.heartbeats as DeviceHeartbeat;
});

afterEach(() => app.close());

/** The example under a heading, and what a test of it needs beside it, as a page gets them. */
async function load<Module>(heading: string, needed: string): Promise<Module> {
  const guide = await readFile(join(root, 'docs/guides/show.md'), 'utf8');
  const [, example] =
    guide
      .split(/^## /m)
      .find(part => part.startsWith(`${heading}\n`))
      ?.match(/```ts\n(.*?)```/s) ?? [];

  expect(example, `show.md has no example under “${heading}”`).toBeDefined();

  const { outputFiles } = await build({
    stdin: { contents: `${example}\n${needed}`, resolveDir: root, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    conditions: ['browser'],
    define: { 'process.env.NODE_ENV': '"production"', __VUE_PROD_DEVTOOLS__: 'false' },
  });
  const file = join(folder, `${heading.replaceAll(' ', '-')}.mjs`);

  await writeFile(file, outputFiles[0]?.text ?? '');

  return import(/* @vite-ignore */ pathToFileURL(file).href);
}

const listeners = () => heartbeats.observer.listenerCount('statechange');

/** Lets the heartbeat become alive, and then closes it. */
async function live(): Promise<void> {
  await app.createUsualLink('send');
  await until(heartbeats, 'statechange', () => heartbeats.state === 'alive');
  heartbeats.close();
}

it('the example for Vue shows each state, and ends with the scope of its component', async () => {
  const { useConnection, effectScope, watchEffect } = await load<
    typeof import('vue') & {
      useConnection(of: DeviceHeartbeat): { readonly value: { readonly state: string } };
    }
  >('Vue', "export { effectScope, watchEffect } from 'vue';");
  const before = listeners();
  const shown: string[] = [];
  const scope = effectScope();

  scope.run(() => {
    const connection = useConnection(heartbeats);

    watchEffect(() => shown.push(connection.value.state), { flush: 'sync' });
  });
  await live();
  expect([...new Set(shown)]).toEqual(['pending', 'alive', 'closed']);
  expect(listeners()).toBe(before + 1);
  scope.stop();
  expect(listeners()).toBe(before);
});

it('the example for Svelte 5 shows each state, and listens only while something shows it', async () => {
  // What the markup of a component is compiled to.
  const component = compileModule(
    `export function mount(connection, show) {
      return $effect.root(() => {
        $effect.pre(() => show(connection.current.state));
      });
    }`,
    { filename: 'component.svelte.js', generate: 'client' },
  );
  const { followConnection, mount, flushSync } = await load<{
    followConnection(of: DeviceHeartbeat): { readonly current: { readonly state: string } };
    mount(connection: unknown, show: (state: string) => void): () => void;
    flushSync(): void;
  }>('Svelte 5', `${component.js.code}\nexport { flushSync } from 'svelte';`);
  const before = listeners();
  const shown: string[] = [];
  const connection = followConnection(heartbeats);

  expect(connection.current.state).toBe('pending');
  expect(listeners()).toBe(before);

  const unmount = mount(connection, state => shown.push(state));

  heartbeats.on('statechange', () => flushSync());
  await live();
  expect([...new Set(shown)]).toEqual(['pending', 'alive', 'closed']);
  expect(listeners()).toBe(before + 1);
  unmount();
  // Svelte waits one turn: the next component may want it, too.
  await Promise.resolve();
  await Promise.resolve();
  expect(listeners()).toBe(before);
});

it('the example for Svelte 3 and 4 shows each state, and listens only while somebody subscribes', async () => {
  const { connectionStore } = await load<{
    connectionStore(of: DeviceHeartbeat): {
      subscribe(run: (value: { readonly state: string }) => void): () => void;
    };
  }>('Svelte 3 and 4', '');
  const before = listeners();
  const store = connectionStore(heartbeats);
  const shown: string[] = [];

  expect(listeners()).toBe(before);

  const unsubscribe = store.subscribe(({ state }) => shown.push(state));

  await live();
  expect([...new Set(shown)]).toEqual(['pending', 'alive', 'closed']);
  unsubscribe();
  expect(listeners()).toBe(before);
});
