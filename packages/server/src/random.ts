import { getRandomValues } from 'node:crypto';

/** Numbers drawn at once: one call of the system's generator serves this many pings. */
const POOL_SIZE = 1024;

const pool = new Uint32Array(POOL_SIZE);
let drawn = POOL_SIZE;

/** An unpredictable unsigned 32 bit integer. */
export function random32(): number {
  if (drawn === POOL_SIZE) {
    getRandomValues(pool);
    drawn = 0;
  }

  return pool[drawn++] as number;
}
