import type { Result } from './runCases.ts';

/** The results as a JUnit report, which CI systems read. */
export function junit(results: readonly Result[]): string {
  const count = (kind: Result['kind']) => results.filter(result => result.kind === kind).length;

  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="mediasoup-heartbeat conformance" tests="${results.length}" failures="${count('failed')}" skipped="${count('skipped')}">`,
    ...results.map(testcase),
    '</testsuite>',
    '',
  ].join('\n');
}

function testcase({
  case: { requirements, role, title },
  kind,
  broken,
  message,
  exercised,
  duration,
}: Result): string {
  const name = escaped(`${requirements.join(' ')}: ${title}`);
  const properties = exercised.map(id => `<property name="requirement" value="${id}"/>`).join('');
  const body = {
    passed: '',
    skipped: `<skipped message="${escaped(message)}"/>`,
    failed: `<failure type="${broken ?? 'error'}" message="${escaped(message)}"/>`,
  }[kind];

  return `  <testcase classname="${role}" name="${name}" time="${(duration / 1000).toFixed(3)}"><properties>${properties}</properties>${body}</testcase>`;
}

const ENTITIES: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' };

function escaped(text: string): string {
  return (
    text
      .replace(/[<>&"]/g, character => ENTITIES[character] as string)
      // XML has no way to write the other control characters.
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '')
  );
}
