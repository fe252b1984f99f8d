import { execFileSync } from 'node:child_process';

/** A Python that has msgpack, or nothing. Debian's package (python3-msgpack) is for its own Python, and another may come first. */
export function pythonWithMsgpack(): string | undefined {
  return ['python3', '/usr/bin/python3'].find(program => {
    try {
      execFileSync(program, ['-c', 'import msgpack'], { stdio: 'ignore' });

      return true;
    } catch {
      return false;
    }
  });
}
