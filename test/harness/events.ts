/** The part of an emitter that waiting needs. */
type Listenable = {
  // biome-ignore lint/suspicious/noExplicitAny: emitters of every kind
  on(event: any, listener: (...args: any[]) => void): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: emitters of every kind
  off(event: any, listener: (...args: any[]) => void): unknown;
};

/** Waits until the condition holds. It checks at every such event: no polling, and no event is missed. */
export async function until(emitter: Listenable, event: string, condition: () => boolean): Promise<void> {
  if (condition()) {
    return;
  }

  await new Promise<void>(resolve => {
    const look = () => {
      if (condition()) {
        emitter.off(event, look);
        resolve();
      }
    };

    emitter.on(event, look);
  });
}

/** Waits until a heartbeat is in a state. */
export async function untilState(
  heartbeat: Listenable & { state: string },
  ...states: string[]
): Promise<void> {
  await until(heartbeat, 'statechange', () => states.includes(heartbeat.state));
}

/** Repeats something whose effect may get lost: mediasoup drops what does not fit into SCTP's buffer. */
export async function insist(on: () => void, until: Promise<unknown>): Promise<void> {
  const timer = setInterval(on, 20);

  on();
  await until;
  clearInterval(timer);
}
