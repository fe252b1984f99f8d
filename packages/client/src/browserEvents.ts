import type { Undo } from '@mediasoup-heartbeat/protocol';

/** An event of the browser: what emits it, its name, and its listener. */
export type BrowserEvent = readonly [
  target: unknown,
  event: string,
  // biome-ignore lint/suspicious/noExplicitAny: an event of any kind
  listener: (event: any) => void,
];

/** Listens to events of the browser. Targets that do not exist tell nothing, for example those of a page in React Native or Node. */
export function follow(events: readonly BrowserEvent[]): Undo {
  const controller = new AbortController();
  const { signal } = controller;

  for (const [target, event, listener] of events) {
    (target as Partial<EventTarget> | undefined)?.addEventListener?.(event, listener, { signal });
  }

  return () => controller.abort();
}
