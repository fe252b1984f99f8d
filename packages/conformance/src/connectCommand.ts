import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Connect } from './Subject.ts';

/**
 * Starts a process for each implementation: it speaks the lines of the README over stdio.
 *
 * @param command - A program and its arguments, to which the role and the interval are added.
 */
export function connectCommand(command: readonly string[]): Connect {
  return (role, interval, onLine, onEnd) => {
    const [program = '', ...args] = command;
    const child = spawn(program, [...args, role, String(interval)], { stdio: 'pipe' });
    let errors = '';

    child.on('error', error => onEnd(error.message));
    child.on('exit', (code, signal) => onEnd(`it exited with ${signal ?? code}. ${errors.trim()}`));
    // It may have exited before it has read everything.
    child.stdin.on('error', () => {});
    child.stderr.setEncoding('utf8').on('data', text => {
      errors = (errors + text).slice(-2000);
    });
    createInterface({ input: child.stdout }).on('line', onLine);

    return {
      say: line => void child.stdin.write(`${line}\n`),
      pause: isPaused => child.kill(isPaused ? 'SIGSTOP' : 'SIGCONT'),
      end: () => void child.kill('SIGKILL'),
    };
  };
}
