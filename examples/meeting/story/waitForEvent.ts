type Emitter = {
  // biome-ignore lint/suspicious/noExplicitAny: the events of peers, groups, watches and breakers
  on(event: any, listener: () => void): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: see above
  off(event: any, listener: () => void): unknown;
};

/** Waits until the condition holds, and looks at each such event. Rejects after `within` ms with what is said `otherwise`. */
export async function waitForEvent(
  emitter: Emitter,
  name: string,
  isThere: () => boolean,
  { within, otherwise }: { within: number; otherwise: () => string },
): Promise<void> {
  if (isThere()) {
    return;
  }

  await new Promise<void>((resolve, reject) => {
    const look = () => {
      if (isThere()) {
        clearTimeout(timer);
        emitter.off(name, look);
        resolve();
      }
    };
    const timer = setTimeout(() => {
      emitter.off(name, look);
      reject(new Error(otherwise()));
    }, within);

    emitter.on(name, look);
  });
}
