/** How many slots of a second the checks leave in where they do. */
const SLOTS = 20;

/** Checks each peer once a second, by a timer for each, spread evenly over the second. Returns what stops it. */
export function evenly(peers: number, check: (index: number) => void): () => void {
  const timers = new Map<number, NodeJS.Timeout>();
  const startedAt = performance.now();
  const schedule = (index: number, round: number) => {
    const dueAt = startedAt + (round + index / peers) * 1000;

    timers.set(
      index,
      setTimeout(
        () => {
          check(index);
          schedule(index, round + 1);
        },
        Math.max(0, dueAt - performance.now()),
      ),
    );
  };

  for (let index = 0; index < peers; index++) {
    schedule(index, 0);
  }

  return () => timers.forEach(clearTimeout);
}

/** Checks each peer once a second, by one timer for all. Returns what stops it. */
export function inSlots(peers: number, check: (index: number) => void): () => void {
  let slot = 0;
  const timer = setInterval(() => {
    for (let index = slot; index < peers; index += SLOTS) {
      check(index);
    }

    slot = (slot + 1) % SLOTS;
  }, 1000 / SLOTS);

  return () => clearInterval(timer);
}
