import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changelogProblems, withRelease } from '../../scripts/packages/changelog.ts';
import { checkConsumer, consumers, fromHere } from '../../scripts/packages/consumers.ts';
import { licencesOf } from '../../scripts/packages/licences.ts';
import { addressIn, publishedManifest } from '../../scripts/packages/manifest.ts';
import { type Packed, PUBLISHED, packAll } from '../../scripts/packages/pack.ts';
import { publishedReadme } from '../../scripts/packages/publishedReadme.ts';
import { releaseProblems } from '../../scripts/packages/releaseProblems.ts';

const address = addressIn({ repository: { url: 'git+https://example.org/team/heartbeat.git' } });

describe('a package as it is published', () => {
  it('has no address while the project has none', () => {
    expect(addressIn({ repository: { url: '' } })).toBeUndefined();
    expect(publishedManifest({ name: 'a' }, 'packages/a', undefined)).toEqual({ name: 'a' });
  });

  it('gets its address from the one place where it is filled in', () => {
    expect(publishedManifest({ name: 'a' }, 'packages/a', address)).toEqual({
      name: 'a',
      repository: {
        type: 'git',
        url: 'git+https://example.org/team/heartbeat.git',
        directory: 'packages/a',
      },
      homepage: 'https://example.org/team/heartbeat/tree/HEAD/packages/a#readme',
      bugs: 'https://example.org/team/heartbeat/issues',
    });
  });

  it('has a README whose links lead somewhere on the page of a registry', () => {
    const readme = '[guide](../../docs/a.md#b), [here](#there), [web](https://example.org/)';

    expect(publishedReadme(readme, 'packages/a', address)).toBe(
      '[guide](https://example.org/team/heartbeat/blob/HEAD/docs/a.md#b), [here](#there), [web](https://example.org/)',
    );
    expect(publishedReadme(readme, 'packages/a', undefined)).toBe(
      'guide, [here](#there), [web](https://example.org/)',
    );
  });
});

describe('a release', () => {
  const manifests = [
    { name: 'a', version: '1.2.0' },
    { name: 'b', version: '1.2.0', dependencies: { a: '1.2.0', debug: '^4' } },
  ];
  const release = { address, changelog: '# Changelog\n\n## 1.2.0 (2027-01-01)\n', notes: 0, manifests };

  it('is possible if nothing is missing', () => {
    expect(releaseProblems(release)).toEqual([]);
  });

  it('is refused while the project has no public address', () => {
    expect(releaseProblems({ ...release, address: undefined })).toEqual([
      expect.stringContaining('repository.url is empty'),
    ]);
  });

  it('is refused while the changelog has no heading for the version', () => {
    expect(releaseProblems({ ...release, changelog: '## Unreleased\n' })).toEqual([
      expect.stringContaining('“Unreleased”'),
      expect.stringContaining('“1.2.0 (date)”'),
    ]);
  });

  it('is refused while the newest part of the changelog has no date', () => {
    expect(releaseProblems({ ...release, changelog: '## 1.2.0 (unreleased)\n' })).toEqual([
      expect.stringContaining('no date for 1.2.0'),
    ]);
  });

  it('is refused while change notes wait', () => {
    expect(releaseProblems({ ...release, notes: 2 })).toEqual([
      expect.stringContaining('.changeset has 2 change notes'),
    ]);
  });

  it('is refused if its tag names another version', () => {
    expect(releaseProblems({ ...release, tag: 'v1.2.0' })).toEqual([]);
    expect(releaseProblems({ ...release, tag: 'v1.3.0' })).toEqual([
      expect.stringContaining('must be v1.2.0'),
    ]);
  });

  it('is refused if the packages do not fit together', () => {
    const [a, b] = manifests;

    expect(
      releaseProblems({
        ...release,
        manifests: [
          { ...a, name: 'a', version: '1.1.0' },
          { ...b, name: 'b', version: '1.2.0' },
        ],
      }),
    ).toEqual([
      expect.stringContaining('different versions'),
      expect.stringContaining('“1.1.0 (date)”'),
      expect.stringContaining('b depends on a 1.2.0'),
    ]);
  });

  it('is refused if a package wants another version of ours from the application', () => {
    const [a] = manifests;
    const wants = (range: string) => ({
      name: 'c',
      version: '1.2.0',
      peerDependencies: { a: range, react: '>=18' },
    });

    expect(releaseProblems({ ...release, manifests: [a, wants('^1.2.0')] as typeof manifests })).toEqual([]);
    expect(releaseProblems({ ...release, manifests: [a, wants('^1.1.0')] as typeof manifests })).toEqual([
      'c depends on a ^1.1.0. It must be ^1.2.0.',
    ]);
  });
});

describe('CHANGELOG.md', () => {
  const top = '# Changelog\n\nAbout it.\n\n';
  const older = '## 1.2.0 (2027-01-01)\n\n- Old.\n';

  it('has a part for the version of the packages, and newer parts first', async () => {
    const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');
    const { version } = JSON.parse(await read('packages/protocol/package.json'));

    expect(changelogProblems(await read('CHANGELOG.md'), version)).toEqual([]);
  });

  it('would be noticed without that part, in the wrong order, or with a date missing', () => {
    expect(changelogProblems(older, '1.3.0')).toEqual([expect.stringContaining('must be “1.3.0 (date)”')]);
    expect(changelogProblems(`## 1.1.0 (2027-02-01)\n${older}`, '1.1.0')).toEqual([
      expect.stringContaining('Put newer ones first'),
    ]);
    expect(changelogProblems('## 1.3.0 (2027-02-01)\n## 1.2.0 (unreleased)\n', '1.3.0')).toEqual([
      expect.stringContaining('“1.2.0 (unreleased)”'),
    ]);
  });

  it('gets a part of the change notes, breaking ones first, with the packages that they name', () => {
    const notes = [
      { summary: 'Mends a thing.', releases: [{ name: '@a/client', type: 'patch' as const }] },
      {
        summary: 'Adds a thing.\n\nIn two lines.',
        releases: [
          { name: '@a/server', type: 'minor' as const },
          { name: '@a/client', type: 'patch' as const },
        ],
      },
    ];

    expect(withRelease(top + older, { version: '1.3.0', date: '2027-02-01', notes })).toBe(
      `${top}## 1.3.0 (2027-02-01)\n\n### New\n\n- server, client: Adds a thing.\n\n  In two lines.\n\n` +
        `### Fixed\n\n- client: Mends a thing.\n\n${older}`,
    );
  });

  it('gets a date where its newest part has none', () => {
    const waiting = `${top}## 1.3.0 (unreleased)\n\n- New.\n\n${older}`;
    const made = { version: '1.3.0', date: '2027-02-01', notes: [] };

    expect(withRelease(waiting, made)).toBe(waiting.replace('(unreleased)', '(2027-02-01)'));
    expect(() => withRelease(top + older, made)).toThrow('There are no change notes');
    expect(() => withRelease(waiting, { ...made, notes: [{ summary: 'x', releases: [] }] })).toThrow(
      'has a part that is not released',
    );
  });
});

describe('changesets', () => {
  it('give all published packages the same version', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mediasoup-heartbeat-changesets-'));

    try {
      const root = fileURLToPath(new URL('../../', import.meta.url));
      const manifest = (name: string) => join(folder, 'packages', name, 'package.json');

      await cp(join(root, '.changeset'), join(folder, '.changeset'), { recursive: true });
      await cp(join(root, 'package.json'), join(folder, 'package.json'));
      await cp(join(root, 'package-lock.json'), join(folder, 'package-lock.json'));

      for (const name of PUBLISHED) {
        await cp(join(root, 'packages', name, 'package.json'), manifest(name), { recursive: true });
      }

      await writeFile(
        join(folder, '.changeset', 'of-a-test.md'),
        '---\n"@mediasoup-heartbeat/server": major\n---\n\nTells the time.\n',
      );
      execFileSync(process.execPath, [join(root, 'node_modules/@changesets/cli/bin.js'), 'version'], {
        cwd: folder,
      });

      const { version: before } = JSON.parse(
        readFileSync(join(root, 'packages/protocol/package.json'), 'utf8'),
      );
      const next = `${Number(before.split('.')[0]) + 1}.0.0`;
      const made = await Promise.all(
        PUBLISHED.map(async name => JSON.parse(await readFile(manifest(name), 'utf8'))),
      );

      expect(new Set(made.map(({ version }) => version))).toEqual(new Set([next]));
      const ours = made.flatMap(({ dependencies = {} }) =>
        Object.entries(dependencies).filter(([name]) => name.startsWith('@mediasoup-heartbeat/')),
      );

      expect(ours.length).toBeGreaterThan(2);
      expect(ours.filter(([, range]) => range !== next)).toEqual([]);
      expect(existsSync(join(folder, '.changeset', 'of-a-test.md'))).toBe(false);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

// `npm test` has just built the packages. `npm run check:packages` uses them in the other projects, too.
describe('the packed packages', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mediasoup-heartbeat-test-'));
  let packed: Packed[];

  beforeAll(async () => {
    packed = await packAll(folder);
  }, 180_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(['commonjs', 'node-fakehandler'])(
    'work in the project consumers/%s',
    { timeout: 120_000 },
    async name => {
      expect(await consumers()).toContain(name);
      await checkConsumer(name, packed, folder, fromHere);
    },
  );

  it('contain nothing but what is built, a README and a licence', () => {
    const unexpected = packed.flatMap(({ files }) =>
      files.filter(file => !/^(dist\/|examples\/|README\.md$|LICENSE$|package\.json$)/.test(file)),
    );

    expect(packed).toHaveLength(5);
    expect(unexpected).toEqual([]);
  });

  it('bring licences that allow any use', async () => {
    const licences = new Set((await licencesOf(packed)).map(({ licence }) => licence));

    expect([...licences].sort()).toEqual(['ISC', 'MIT']);
  });
});
