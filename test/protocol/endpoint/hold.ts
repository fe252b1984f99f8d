/** What has to hold. For checks that run millions of times: `expect` takes a hundred times as long. */
export function hold(condition: boolean, what: string): void {
  if (!condition) {
    throw new Error(what);
  }
}
