import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withRelease } from './packages/changelog.ts';
import { applyChangeNotes, changeNotes } from './packages/changeNotes.ts';
import { handOver } from './system/handOver.ts';
import { main } from './system/main.ts';
import { ProvisionError } from './system/ProvisionError.ts';
import { projectFolder } from './system/project.ts';

const changelogFile = join(projectFolder, 'CHANGELOG.md');
const versionOf = async () =>
  JSON.parse(await readFile(join(projectFolder, 'packages/protocol/package.json'), 'utf8')).version;

/**
 * `npm run bump`: makes a version of the change notes in .changeset. The packages get their number, CHANGELOG.md its part, and the
 * notes are deleted. Without notes the unreleased part of CHANGELOG.md gets a date.
 */
await main(async () => {
  const notes = await changeNotes();
  const changelog = await readFile(changelogFile, 'utf8');
  const date = new Date().toISOString().slice(0, 10);

  // Fails before anything is changed.
  withRelease(changelog, { version: await versionOf(), date, notes });

  if (notes.length > 0) {
    await applyChangeNotes();

    if ((await handOver('npm', ['install', '--package-lock-only', '--ignore-scripts'], process.env)) !== 0)
      throw new ProvisionError('package-lock.json was not updated.');
  }

  const version = await versionOf();

  await writeFile(changelogFile, withRelease(changelog, { version, date, notes }));
  console.log(`Version ${version}. Commit it, and see \`npm run check:release\`.`);
});
