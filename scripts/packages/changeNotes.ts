import { join } from 'node:path';
import { readChangesets } from '@changesets/read';
import { ProvisionError } from '../system/ProvisionError.ts';
import { projectFolder } from '../system/project.ts';
import { run } from '../system/run.ts';
import type { ChangeNote } from './changelog.ts';

/** The notes in .changeset, which no version has yet. */
export const changeNotes = (): Promise<readonly ChangeNote[]> => readChangesets(projectFolder);

/** Gives the packages the version that the notes ask for, and deletes the notes. */
export async function applyChangeNotes(): Promise<void> {
  const program = join(projectFolder, 'node_modules', '@changesets', 'cli', 'bin.js');
  const { code, output } = await run(process.execPath, [program, 'version'], { cwd: projectFolder });

  if (code !== 0) throw new ProvisionError(`changesets failed:\n${output.trim()}`);
}
