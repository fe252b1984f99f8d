/** Where the project can be found, or nothing while it has no public address. */
export type Address = {
  /** For `npm`: `git+https://…`. */
  readonly repository: string;
  /** For people: `https://…`, without a slash at its end. */
  readonly web: string;
};

/**
 * The public address of the project. `repository.url` of the package.json at the top is the one place for it: packages get theirs
 * when they are packed.
 */
export function addressIn({ repository }: { repository?: { url?: string } }): Address | undefined {
  const url = repository?.url?.trim();

  return url ? { repository: url, web: url.replace(/^git\+/, '').replace(/\.git$/, '') } : undefined;
}

/** The package.json of a package as it is published. */
export function publishedManifest<T extends object>(
  manifest: T,
  folder: string,
  address: Address | undefined,
): T {
  return address === undefined
    ? manifest
    : {
        ...manifest,
        repository: { type: 'git', url: address.repository, directory: folder },
        homepage: `${address.web}/tree/HEAD/${folder}#readme`,
        bugs: `${address.web}/issues`,
      };
}
