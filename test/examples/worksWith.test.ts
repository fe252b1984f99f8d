import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorsIn } from '../docs/compile.ts';
import { root } from '../docs/Snippet.ts';

// The applications are not here. So the tests look at the patches, and at what these use of the packages.

const folder = 'examples/works-with';
const patches = globSync(`${folder}/*/*.patch`, { cwd: root }).sort();
const read = (path: string) => readFileSync(`${root}${path}`, 'utf8');

type Hunk = { file: string; before: number; after: number; added: string[] };

/** The hunks of a patch. Throws at a line that is none of a patch that only adds. */
function hunksOf(patch: string): Hunk[] {
  const hunks: Hunk[] = [];
  let file = '';

  for (const line of patch.trimEnd().split('\n')) {
    const [, start, count = '1', at, length = '1'] =
      /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@$/.exec(line) ?? [];

    if (line.startsWith('+++ b/')) file = line.slice('+++ b/'.length);
    else if (start !== undefined) {
      expect(count).toBe('0');
      hunks.push({ file, before: Number(start), after: Number(at), added: [] });
      expect(Number(length)).toBeGreaterThan(0);
    } else if (line.startsWith('+')) hunks.at(-1)?.added.push(line.slice(1));
    else expect(line).toMatch(/^(diff --git a\/\S+ b\/\S+|index \w+\.\.\w+ \d+|--- a\/\S+)$/);
  }

  return hunks;
}

/** The calls of our functions in added lines, with all that is in their parentheses. */
function callsIn(code: string): string[] {
  return [
    ...code.matchAll(
      /\b(?:attachHeartbeat|createHeartbeatGroup|enableHeartbeat)\(((?:\{[^}]*\{[^}]*\}[^}]*\}|\{[^}]*\}|[^(){}])*)\)/g,
    ),
  ].map(([call]) => call);
}

describe.each(patches)('%s', path => {
  const hunks = hunksOf(read(path));

  it('only adds lines, each hunk at its place', () => {
    const shift = new Map<string, number>();

    expect(hunks.length).toBeGreaterThan(1);

    for (const { file, before, after, added } of hunks) {
      const sofar = shift.get(file) ?? 0;

      // The line after which they are added, and the first added one.
      expect([file, after]).toEqual([file, before + sofar + 1]);
      expect(added.length).toBeGreaterThan(0);
      shift.set(file, sofar + added.length);
    }
  });

  it('calls the packages as their types allow', { timeout: 120_000 }, () => {
    const code = hunks.flatMap(({ added }) => added).join('\n');
    const calls = callsIn(code).map(call => call.replace('this._mediasoupDevice', 'device'));
    const names = [...code.matchAll(/\{ (.*?) \}.*@mediasoup-heartbeat\/(?:client|server)'/g)].flatMap(
      ([, list = '']) => list.split(', '),
    );

    expect(calls.length).toBeGreaterThan(0);
    expect(
      errorsIn(
        calls.map(call => ({
          document: path,
          line: 0,
          language: 'ts',
          code: `${call.replace('this.mediasoup,', 'device,')};`,
        })),
        () => ({
          attachHeartbeat: "import { attachHeartbeat } from '@mediasoup-heartbeat/server';",
          createHeartbeatGroup: "import { createHeartbeatGroup } from '@mediasoup-heartbeat/server';",
          enableHeartbeat: "import { enableHeartbeat } from '@mediasoup-heartbeat/client';",
          transport: "declare const transport: import('mediasoup').types.WebRtcTransport;",
          device: "declare const device: import('mediasoup-client').Device;",
        }),
      ),
    ).toEqual([]);
    expect(names.every(name => calls.some(call => call.startsWith(name)))).toBe(true);
  });

  it('is described beside it, with the commit that it fits', () => {
    const readme = read(path.replace(/[^/]+$/, 'README.md'));

    expect(readme).toContain(path.split('/').at(-1));
    expect(readme).toMatch(/\b[0-9a-f]{40}\b/);
    expect(readme).toContain('## What was run');
    expect(readme).toContain('## What was only read');
  });
});

it('examples/works-with has all three applications', () => {
  expect(patches.map(path => path.split('/')[2])).toEqual([
    'edumeet',
    'edumeet',
    'mediasoup-demo',
    'mirotalk-sfu',
  ]);
});
