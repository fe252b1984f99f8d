import { readFileSync } from 'node:fs';
import { type Option, resolveDetectorOptions } from '@mediasoup-heartbeat/protocol';
import { describe, expect, it } from 'vitest';
import { OPTIONS as CLIENT_OPTIONS } from '../../packages/client/src/ClientHeartbeatOptions.ts';
import { OPTIONS as SERVER_OPTIONS } from '../../packages/server/src/HeartbeatOptions.ts';

// README.md lists the options of both sides with their defaults. These tests compare it with the tables of the sources.

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const [, serverPart = '', clientPart = ''] =
  /\n## Options\n(.*?)\n`enableHeartbeat(.*?)\n## /s.exec(readme) ?? [];

/** What the cells for a default say that depends on other options. */
const DEPENDING: Record<string, string> = {
  interval: `${resolveDetectorOptions().interval} (\`patient\`: ${resolveDetectorOptions({ preset: 'patient' }).interval})`,
  suspectAfter: 'by preset',
  deadAfter: 'by preset',
  deadAtLatest: 'by preset',
  unresponsiveAfter: 'by preset',
  router: 'found automatically',
  vouch: '`!advertise`',
  detector: 'the adaptive one',
};

function defaultsOf(table: Record<string, Option<unknown>>): [name: string, shown: string | undefined][] {
  return Object.entries(table)
    .filter(([, { isDeprecated }]) => !isDeprecated)
    .map(([name, { default: value }]) => [name, value === undefined ? DEPENDING[name] : show(value)]);
}

function show(value: unknown): string {
  return typeof value === 'number' ? String(value) : `\`${JSON.stringify(value).replaceAll('"', "'")}\``;
}

/** The options that have a row, with the cell for the default. One row may be about several. */
function rowsOf(part: string): [name: string, shown: string][] {
  return [...part.matchAll(/^\| (`\w+`(?:, `\w+`)*) \| (.+?) \|/gm)].flatMap(([, names = '', shown = '']) =>
    [...names.matchAll(/\w+/g)].map(([name]): [string, string] => [name, shown]),
  );
}

describe('packages/server/README.md', () => {
  it('has the table of README.md, because a registry shows it alone', () => {
    const own = readFileSync(new URL('../../packages/server/README.md', import.meta.url), 'utf8');
    const rowsIn = (text: string) => text.split('\n').filter(line => /^\| `\w+`/.test(line));
    const withoutTargets = (text: string) => text.replace(/\]\([^)]*\)/g, ']');
    const [, options = ''] = /\n## Options\n(.*?)\n## /s.exec(own) ?? [];

    expect(rowsIn(options).map(withoutTargets)).toEqual(rowsIn(serverPart).map(withoutTargets));
  });
});

describe('README.md', () => {
  it('lists every option of attachHeartbeat(), and no other, with its default', () => {
    expect(rowsOf(serverPart).sort()).toEqual(defaultsOf(SERVER_OPTIONS).sort());
  });

  it('lists every option of enableHeartbeat(), and no other, with its default', () => {
    const shared = [...(clientPart.split('as well.')[0] ?? '').matchAll(/`(\w+)`/g)].map(
      ([, name = '']) => name,
    );
    const asOnServer = defaultsOf(SERVER_OPTIONS).filter(([name]) => shared.includes(name));

    expect(asOnServer).toHaveLength(shared.length);
    expect([...asOnServer, ...rowsOf(clientPart)].sort()).toEqual(defaultsOf(CLIENT_OPTIONS).sort());
  });
});
