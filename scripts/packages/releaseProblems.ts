import { changelogProblems, isUnreleased } from './changelog.ts';
import type { Address } from './manifest.ts';

/** What a release is made of. */
export type Release = {
  readonly address: Address | undefined;
  readonly changelog: string;
  /** How many change notes wait in .changeset. */
  readonly notes: number;
  /** The tag that the release was started with, if any. */
  readonly tag?: string | undefined;
  /** The package.json of each package that is published. */
  readonly manifests: readonly {
    readonly name: string;
    readonly version: string;
    readonly dependencies?: Readonly<Record<string, string>>;
    readonly peerDependencies?: Readonly<Record<string, string>>;
  }[];
};

/** Why this must not be released yet: a sentence for each problem. */
export function releaseProblems({ address, changelog, notes, tag, manifests }: Release): string[] {
  const problems: string[] = [];
  const versions = new Set(manifests.map(({ version }) => version));
  const [version = ''] = versions;

  if (address === undefined) {
    problems.push('package.json: repository.url is empty. Fill in the public address of the project there.');
  } else if (!/^git\+https:\/\/\S+\.git$/.test(address.repository)) {
    problems.push(
      `package.json: repository.url is ${address.repository}. It must look like git+https://….git.`,
    );
  }

  if (versions.size > 1) {
    problems.push(`The packages have different versions: ${[...versions].join(', ')}. Give them one.`);
  }

  problems.push(...changelogProblems(changelog, version));

  if (isUnreleased(changelog)) {
    problems.push(
      `CHANGELOG.md has no date for ${version}. Run \`npm run bump\`, and commit what it changes.`,
    );
  }

  if (notes > 0) {
    problems.push(`.changeset has ${notes} change notes. Run \`npm run bump\`, and commit what it changes.`);
  }

  if (tag !== undefined && tag !== `v${version}`) {
    problems.push(
      `The tag is ${tag}, and the packages have the version ${version}. The tag must be v${version}.`,
    );
  }

  for (const { name, dependencies = {}, peerDependencies = {} } of manifests) {
    const needed = [
      ...Object.entries(dependencies).map(needs => [...needs, version] as const),
      // The application installs it, so a fix in it must not need a new version of the other.
      ...Object.entries(peerDependencies).map(needs => [...needs, `^${version}`] as const),
    ];

    for (const [other, range, wanted] of needed) {
      const isOurs = manifests.some(manifest => manifest.name === other);

      if (isOurs && range !== wanted) {
        problems.push(`${name} depends on ${other} ${range}. It must be ${wanted}.`);
      }
    }
  }

  return problems;
}
