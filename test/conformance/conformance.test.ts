import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Case } from '../../packages/conformance/src/Case.ts';
import { clientCases } from '../../packages/conformance/src/cases/clients.ts';
import { serverCases } from '../../packages/conformance/src/cases/servers.ts';
import { vectorCases } from '../../packages/conformance/src/cases/vectors.ts';
import { connectCommand } from '../../packages/conformance/src/connectCommand.ts';
import { junit } from '../../packages/conformance/src/junit.ts';
import { type Result, runCases } from '../../packages/conformance/src/runCases.ts';
import type { Connect } from '../../packages/conformance/src/Subject.ts';
import { pythonWithMsgpack } from '../../scripts/system/pythonWithMsgpack.ts';

const CASES = [...vectorCases, ...clientCases, ...serverCases];
const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const run = (cases: readonly Case[], connect: Connect) =>
  runCases(cases, { connect, concurrency: 8, patience: 60_000 });

/** What did not pass, as a reader of the failure wants it. */
const problems = (results: readonly Result[]) =>
  results
    .filter(({ kind }) => kind !== 'passed')
    .map(({ case: { title }, kind, broken, message }) => `${title}: ${kind}, ${broken ?? '-'}: ${message}`);

const python = pythonWithMsgpack();

describe('the conformance cases', () => {
  it.concurrent('this repository’s implementation passes all of them', { timeout: 300_000 }, async ({
    task,
  }) => {
    const results = await run(
      CASES,
      connectCommand([process.execPath, path('../../packages/conformance/src/reference.ts')]),
    );

    expect(problems(results)).toEqual([]);
    expect(results.length).toBeGreaterThan(130);
    task.meta.requirements = results.flatMap(({ exercised }) => exercised);
  });

  it.concurrent('an implementation in Python, written from PROTOCOL.md alone, passes all of them', {
    timeout: 300_000,
  }, async ({ skip }) => {
    skip(python === undefined, 'there is no Python with msgpack (Debian: python3-msgpack)');

    const results = await run(
      CASES,
      connectCommand([python as string, path('../../packages/conformance/examples/python/heartbeat.py')]),
    );

    expect(problems(results)).toEqual([]);
  });

  it('name only requirements that PROTOCOL.md has', () => {
    const specification = readFileSync(path('../../PROTOCOL.md'), 'utf8');
    const named = new Set(CASES.flatMap(({ requirements }) => requirements));

    expect([...named].filter(id => !specification.includes(`**${id}**`))).toEqual([]);
    expect(named.size).toBeGreaterThan(45);
  });

  it('leave out only the requirements that the README names', () => {
    const ids = (file: string, pattern: RegExp) => new Set(readFileSync(path(file), 'utf8').match(pattern));
    const all = ids('../../PROTOCOL.md', /(?<=\*\*)HB-[A-Z]+-\d+(?=\*\*)/g);
    const explained = ids('../../packages/conformance/README.md', /(?<=^\| )HB-[A-Z]+-\d+(?= \|)/gm);
    const named = new Set(CASES.flatMap(({ requirements }) => requirements));

    expect([...all].filter(id => !named.has(id) && !explained.has(id))).toEqual([]);
    expect([...explained].filter(id => !all.has(id))).toEqual([]);
  });

  it('need less than 300 lines for a client in Python', () => {
    const lines = ['frames', 'side', 'client'].flatMap(name =>
      readFileSync(path(`../../packages/conformance/examples/python/${name}.py`), 'utf8')
        .trimEnd()
        .split('\n'),
    );

    expect(lines.length).toBeLessThan(300);
  });

  it('report their results for CI', () => {
    const [one] = CASES as [Case];
    const report = junit([
      { case: one, kind: 'passed', broken: undefined, message: '', exercised: ['HB-FRM-1'], duration: 12 },
      {
        case: { ...one, title: 'a "quote" & <tag>' },
        kind: 'failed',
        broken: 'HB-FRM-4',
        message: 'a < b',
        exercised: [],
        duration: 0,
      },
    ]);

    expect(report).toContain('tests="2" failures="1" skipped="0"');
    expect(report).toContain('<property name="requirement" value="HB-FRM-1"/>');
    expect(report).toContain('a &quot;quote&quot; &amp; &lt;tag&gt;');
    expect(report).toContain('<failure type="HB-FRM-4" message="a &lt; b"/>');
  });
});
