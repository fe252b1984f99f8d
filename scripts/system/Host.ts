/** What provisioning may know about the machine. It is passed in, so that a test can describe another machine. */
export interface Host {
  readonly env: NodeJS.ProcessEnv;
  /** Only root may be given system packages without being asked. */
  readonly isRoot: boolean;
  /** Progress, one line at a time. Never stdout: that belongs to the result. */
  readonly log: (line: string) => void;
}

export function thisHost(): Host {
  return {
    env: process.env,
    isRoot: process.getuid?.() === 0,
    log: line => process.stderr.write(`${line}\n`),
  };
}
