import { posix } from 'node:path';
import type { Address } from './manifest.ts';

/**
 * A README as a registry shows it. Its relative links would lead nowhere there: they lead to the project's address. While there is
 * none, only their text remains.
 *
 * @param folder - The folder of the package, from the top of the project.
 */
export function publishedReadme(readme: string, folder: string, address: Address | undefined): string {
  return readme.replace(/\[([^\]]+)\]\(([^)\s]+)\)/g, (link, text: string, target: string) => {
    if (/^(https?:|mailto:|#)/.test(target)) {
      return link;
    }

    const [path = '', anchor] = target.split('#');
    const file = posix.join(folder, path);

    return address === undefined
      ? text
      : `[${text}](${address.web}/blob/HEAD/${file}${anchor ? `#${anchor}` : ''})`;
  });
}
