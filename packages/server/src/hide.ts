import { override, type Undo } from '@mediasoup-heartbeat/protocol';
import type { EnhancedEventEmitter } from 'mediasoup/extras';
import { shared } from './shared.ts';

/** The `appData` objects of this library's own mediasoup objects, which are recognized by them. */
const marks = shared('marks', () => new WeakSet<object>());

// biome-ignore lint/suspicious/noExplicitAny: observers of every kind, each with events of its own
type Observer = EnhancedEventEmitter<any>;

/** Observers that are covered at present: by how many calls, and how to uncover them. */
const covers = shared('covers', () => new WeakMap<Observer, { calls: number; restore: Undo }>());

/** Makes an `appData` that marks an object for {@link hideFrom}. */
export function ownAppData(): Record<string, never> {
  const appData = {};

  marks.add(appData);

  return appData;
}

/**
 * Creates an object of the library's own, and hides its event from the application's observer listeners: they would count a
 * DataProducer that no peer asked for. `dump()` still lists the object.
 *
 * mediasoup emits the event while it creates the object and never again. So the observer is covered only during the creation,
 * and nothing is left on it afterwards.
 */
export async function hideFrom<T>(observer: Observer, create: () => Promise<T>): Promise<T> {
  cover(observer);

  try {
    return await create();
  } finally {
    uncover(observer);
  }
}

function cover(observer: Observer): void {
  const existing = covers.get(observer);

  if (existing !== undefined) {
    existing.calls++;

    return;
  }

  const { safeEmit } = observer;
  const restore = override(observer, 'safeEmit', (eventName, ...args) => {
    const [subject] = args as [{ appData?: object } | undefined];

    return marks.has(subject?.appData ?? {}) ? false : safeEmit.call(observer, eventName, ...args);
  });

  covers.set(observer, { calls: 1, restore });
}

function uncover(observer: Observer): void {
  const existing = covers.get(observer);

  if (existing !== undefined && --existing.calls === 0) {
    covers.delete(observer);
    existing.restore();
  }
}
