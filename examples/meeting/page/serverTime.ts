let offset = 0;

/** Learns the server's time from its latest message. */
export function setServerTime(at: number): void {
  offset = at - performance.now();
}

/** The server's time in ms since the epoch: what it reports and announces is in that. */
export function serverTime(): number {
  return offset + performance.now();
}
