/** A change note, as `npx changeset` writes it into .changeset. */
export type ChangeNote = {
  readonly summary: string;
  readonly releases: readonly {
    readonly name: string;
    readonly type: 'major' | 'minor' | 'patch' | 'none';
  }[];
};

/** A heading of CHANGELOG.md, as in `## 1.2.3 (2027-01-31)`. Only the first one may be `(unreleased)`. */
const HEADING = /^(\d+)\.(\d+)\.(\d+) \((\d{4}-\d{2}-\d{2}|unreleased)\)$/;

const PARTS = [
  ['major', 'Breaking'],
  ['minor', 'New'],
  ['patch', 'Fixed'],
] as const;

const headingsOf = (changelog: string) => [...changelog.matchAll(/^## (.*)$/gm)].map(([, text = '']) => text);

/** What is wrong with the headings of a changelog: a sentence for each problem. */
export function changelogProblems(changelog: string, version: string): string[] {
  const headings = headingsOf(changelog);
  const wrong = headings.filter(
    (text, index) => !HEADING.test(text) || (index > 0 && text.includes('unreleased')),
  );
  const numbers = headings.map(text => (HEADING.exec(text) ?? []).slice(1, 4).map(Number));
  const problems = wrong.map(
    text => `CHANGELOG.md has the heading “${text}”. It must look like “${version} (2027-01-31)”.`,
  );

  if (headings[0]?.split(' ')[0] !== version) {
    problems.push(`CHANGELOG.md begins with “${headings[0]}”. Its newest part must be “${version} (date)”.`);
  }

  for (const [index, number] of numbers.slice(1).entries()) {
    if (compare(number, numbers[index] ?? []) >= 0) {
      problems.push(
        `CHANGELOG.md has “${headings[index + 1]}” after “${headings[index]}”. Put newer ones first.`,
      );
    }
  }

  return problems;
}

/** Whether the newest part of a changelog has no date yet. */
export const isUnreleased = (changelog: string): boolean =>
  headingsOf(changelog)[0]?.endsWith(' (unreleased)') ?? false;

/**
 * A changelog for a release: its unreleased part gets a date, or the change notes become a part of their own.
 *
 * @throws If there is nothing to release, or if both an unreleased part and change notes wait.
 */
export function withRelease(
  changelog: string,
  { version, date, notes }: { version: string; date: string; notes: readonly ChangeNote[] },
): string {
  if (isUnreleased(changelog)) {
    if (notes.length > 0) {
      throw new Error(
        'CHANGELOG.md has a part that is not released, and there are change notes. Move the notes into that part.',
      );
    }

    return changelog.replace(/^(## .*) \(unreleased\)$/m, `$1 (${date})`);
  }

  if (notes.length === 0) throw new Error('There are no change notes. Write one with `npx changeset`.');

  // A function: notes may contain `$&`.
  return changelog.replace(/^## /m, () => `## ${version} (${date})\n\n${partsOf(notes)}\n\n## `);
}

function partsOf(notes: readonly ChangeNote[]): string {
  return PARTS.map(([type, title]) => ({ title, of: notes.filter(note => weightOf(note) === type) }))
    .filter(({ of }) => of.length > 0)
    .map(({ title, of }) => `### ${title}\n\n${of.map(lineOf).join('\n')}`)
    .join('\n\n');
}

/** The weightiest change among the packages that a note names. */
const weightOf = ({ releases }: ChangeNote) =>
  PARTS.map(([type]) => type).find(type => releases.some(release => release.type === type));

function lineOf({ summary, releases }: ChangeNote): string {
  const names = releases.map(({ name }) => name.split('/').at(-1)).join(', ');
  const [first = '', ...others] = summary.trim().split('\n');

  return [`- ${names}: ${first}`, ...others.map(line => (line === '' ? '' : `  ${line}`))].join('\n');
}

function compare(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((number, index) => number !== b[index]);

  return index === -1 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}
