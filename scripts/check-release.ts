import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { changeNotes } from './packages/changeNotes.ts';
import { PUBLISHED, projectAddress } from './packages/pack.ts';
import { releaseProblems } from './packages/releaseProblems.ts';
import { main } from './system/main.ts';
import { ProvisionError } from './system/ProvisionError.ts';
import { projectFolder } from './system/project.ts';

/** Throws an error that lists why the packages must not be released yet. */
export async function checkRelease(): Promise<void> {
  const read = (path: string) => readFile(join(projectFolder, path), 'utf8');
  const problems = releaseProblems({
    address: await projectAddress(),
    changelog: await read('CHANGELOG.md'),
    notes: (await changeNotes()).length,
    // In the release workflow, which a tag starts.
    tag: process.env.GITHUB_REF_TYPE === 'tag' ? process.env.GITHUB_REF_NAME : undefined,
    manifests: await Promise.all(
      PUBLISHED.map(async name => JSON.parse(await read(`packages/${name}/package.json`))),
    ),
  });

  if (problems.length > 0) throw new ProvisionError(`Not ready for a release:\n${problems.join('\n')}`);
}

if (import.meta.main) await main(checkRelease);
