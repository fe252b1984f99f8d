/** A test that has run. */
export type RanTest = {
  /** Its file, from the folder of the project. */
  file: string;
  /** Its own name, without those of its suites. */
  name: string;
  /** Its name with those of its suites. */
  fullName: string;
  state: string;
  /** Whether it checked something. */
  isEmpty: boolean;
  /** Requirements that it exercised besides those in its name. */
  requirements: readonly string[];
};

/** What one of the documents promises, and no test that has run keeps. */
export type Unlinked = {
  what: string;
  /** Whether a test for it exists, and was skipped on this machine. */
  isSkipped: boolean;
};

const IDS = /HB-[A-Z]+-\d+/g;

/** The requirements of PROTOCOL.md that no test exercised: one that has run, passed, and checked something. */
export function unprovenRequirements(tests: readonly RanTest[], protocol: string): Unlinked[] {
  const required = [...protocol.matchAll(/\*\*(HB-[A-Z]+-\d+)\*\*/g)].map(([, id]) => id as string);
  const idsOf = (some: readonly RanTest[]) =>
    new Set(some.flatMap(({ fullName, requirements }) => [...(fullName.match(IDS) ?? []), ...requirements]));
  const proven = idsOf(tests.filter(isProof));
  const skipped = idsOf(tests.filter(({ state }) => state === 'skipped'));

  return required.filter(id => !proven.has(id)).map(id => ({ what: id, isSkipped: skipped.has(id) }));
}

/** The rows of docs/reliability.md whose test has not run, passed, and checked something. */
export function unprovenFaults(tests: readonly RanTest[], reliability: string): Unlinked[] {
  const rows = [...reliability.matchAll(/`(test\/[^`]+)`: “([^”]+)” \|$/gm)];

  return rows.flatMap(([, path = '', title = '']) => {
    const pattern = new RegExp(patternOf(title));
    const own = tests.filter(({ file }) => file === `${path}.test.ts`);
    // A suite that several test files run has no tests of its own. Those of the documents quote the rows.
    const searched = own.length > 0 ? own : tests.filter(({ file }) => !file.startsWith('test/docs/'));
    const candidates = searched.filter(({ name }) => pattern.test(name));

    return candidates.some(isProof)
      ? []
      : [{ what: `${path}: ${title}`, isSkipped: candidates.some(({ state }) => state === 'skipped') }];
  });
}

function isProof({ state, isEmpty }: RanTest): boolean {
  return state === 'passed' && !isEmpty;
}

/** What a title may look like with its placeholders filled in. */
function patternOf(title: string): string {
  const escaped = title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

  return escaped.replace(/\\\$\\\{[^}]*\\\}|%[a-z]|\\\$\w+/g, '.*');
}
