/** Keeps a test browser to itself: no GPU, no first-run pages, no traffic of its own. */
const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** As root Chromium refuses to start with its sandbox. For everybody else that is up to whoever launches it. */
export function chromiumFlags(isRoot: boolean): string[] {
  return isRoot ? ['--no-sandbox', ...QUIET] : QUIET;
}
