import type { Address } from './manifest.ts';

/** What a release is made of. */
export type Release = {
  readonly address: Address | undefined;
  readonly changelog: string;
  /** The package.json of each package that is published. */
  readonly manifests: readonly {
    readonly name: string;
    readonly version: string;
    readonly dependencies?: Readonly<Record<string, string>>;
  }[];
};

/** Why this must not be released yet: a sentence for each problem. */
export function releaseProblems({ address, changelog, manifests }: Release): string[] {
  const problems: string[] = [];
  const versions = new Set(manifests.map(({ version }) => version));
  const [version = ''] = versions;
  const [, heading = ''] = /^## (.*)$/m.exec(changelog) ?? [];

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

  if (!heading.startsWith(`${version} (`)) {
    problems.push(
      `CHANGELOG.md begins with “${heading}”. Give its newest part the heading “${version} (date)”.`,
    );
  }

  for (const { name, dependencies = {} } of manifests) {
    for (const [other, range] of Object.entries(dependencies)) {
      const isOurs = manifests.some(manifest => manifest.name === other);

      if (isOurs && range !== version) {
        problems.push(`${name} depends on ${other} ${range}. It must be ${version}.`);
      }
    }
  }

  return problems;
}
