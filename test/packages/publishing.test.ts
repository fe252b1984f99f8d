import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkConsumer, consumers, fromHere } from '../../scripts/packages/consumers.ts';
import { licencesOf } from '../../scripts/packages/licences.ts';
import { addressIn, publishedManifest } from '../../scripts/packages/manifest.ts';
import { type Packed, packAll } from '../../scripts/packages/pack.ts';
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
  const release = { address, changelog: '# Changelog\n\n## 1.2.0 (2027-01-01)\n', manifests };

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
      expect.stringContaining('“1.2.0 (date)”'),
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
});

// `npm test` has just built the packages. `npm run check:packages` uses them in the other projects, too.
describe('the packed packages', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mediasoup-heartbeat-test-'));
  let packed: Packed[];

  beforeAll(async () => {
    packed = await packAll(folder);
  });
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

    expect(packed).toHaveLength(4);
    expect(unexpected).toEqual([]);
  });

  it('bring licences that allow any use', async () => {
    const licences = new Set((await licencesOf(packed)).map(({ licence }) => licence));

    expect([...licences].sort()).toEqual(['ISC', 'MIT']);
  });
});
