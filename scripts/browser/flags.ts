/** A quiet test browser: no GPU, no first-run pages, no traffic of its own. */
const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Chromium refuses to start with its sandbox as root. For other users the launcher decides. */
export function chromiumFlags(isRoot: boolean): string[] {
  return isRoot ? ['--no-sandbox', ...QUIET] : QUIET;
}
