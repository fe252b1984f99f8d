import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

// The examples of these guides are compiled against the sources. The other guides have examples of several files, or in other
// languages, or tests of their own.

const root = fileURLToPath(new URL('../../', import.meta.url));
const COMPILED = ['pending', 'suspect', 'migrate', 'operate', 'mobile', 'native-clients'];

/** What an application has that the examples take for granted. */
const PRELUDE = `
import { attachHeartbeat, createHeartbeatGroup, localHealth, type Heartbeat } from '@mediasoup-heartbeat/server';
import type { DeviceHeartbeat } from '@mediasoup-heartbeat/client';
import type { Device, types as client } from 'mediasoup-client';
import type { types } from 'mediasoup';

declare const router: types.Router;
declare const transport: types.WebRtcTransport;
declare const transports: Map<string, types.WebRtcTransport>;
declare const options: types.WebRtcTransportOptions;
declare const heartbeat: Heartbeat;
declare const device: Device;
declare const message: client.TransportOptions;
declare const clientHeartbeats: DeviceHeartbeat;
declare function show(id: string, text: string): void;
declare function removePeer(peerId: string, reason?: string): void;
declare function maintenance(): Promise<void>;
`;

const read = (path: string) => readFileSync(`${root}${path}`, 'utf8');
const guides = readdirSync(`${root}docs/guides`).filter(name => name.endsWith('.md'));

/** The TypeScript of a guide as one module. Imports that the prelude has as well are left out. */
function moduleOf(guide: string): string {
  const examples = [...read(`docs/guides/${guide}.md`).matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);
  const own = examples.join('\n').replace(/^import .*from '@mediasoup-heartbeat\/.*\n/gm, '');

  return `${PRELUDE}\n${own}`;
}

function errorsIn(modules: ReadonlyMap<string, string>): string[] {
  const configFile = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(
    { ...configFile.config, include: [], files: [] },
    ts.sys,
    root,
  );
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;

  host.getSourceFile = (name, target) =>
    modules.has(name)
      ? ts.createSourceFile(name, modules.get(name) as string, target)
      : getSourceFile.call(host, name, target);
  host.fileExists = name => modules.has(name) || fileExists.call(host, name);
  host.readFile = name => modules.get(name) ?? readFile.call(host, name);

  const program = ts.createProgram({
    rootNames: [...modules.keys()],
    options: { ...options, noUnusedLocals: false },
    host,
  });

  return [...modules.keys()].flatMap(name => {
    const file = program.getSourceFile(name);

    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      ({ messageText, start = 0 }) => {
        const line = file?.text.slice(0, start).split('\n').length ?? 0;

        return `${name.split('/').at(-1)}: ${file?.text.split('\n')[line - 1]}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
      },
    );
  });
}

describe('the guides', () => {
  it('have examples that compile', { timeout: 120_000 }, () => {
    const modules = new Map(COMPILED.map(name => [`${root}test/docs/${name}.example.ts`, moduleOf(name)]));

    expect(errorsIn(modules)).toEqual([]);
  });

  it('would not have examples that do not compile: an option that does not exist is noticed', {
    timeout: 120_000,
  }, () => {
    const wrong = `${PRELUDE}\nawait attachHeartbeat(transport, { intervall: 1 });`;

    expect(errorsIn(new Map([[`${root}test/docs/wrong.example.ts`, wrong]]))).toEqual([
      expect.stringContaining('intervall'),
    ]);
  });

  it('are all listed by question', () => {
    const index = read('docs/guides/README.md');

    expect(guides.filter(name => name !== 'README.md' && !index.includes(`](${name})`))).toEqual([]);
  });

  it.each(guides)('link only to what exists: %s', name => {
    const targets = [...read(`docs/guides/${name}`).matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)].map(
      ([, target = '']) => target,
    );
    const dead = targets.filter(
      target => !target.startsWith('http') && !existsSync(new URL(target, `file://${root}docs/guides/`)),
    );

    expect(dead).toEqual([]);
  });
});
