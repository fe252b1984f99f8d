import type { EnhancedEventEmitter } from 'mediasoup/extras';
import { overrideProperty, type Restore } from './overrideProperty.ts';
import { shared } from './shared.ts';

/** The appData of this library's own objects: their mark, by identity. Shared, as are the observers that are covered. */
const marks = shared('marks', () => new WeakSet<object>());

// biome-ignore lint/suspicious/noExplicitAny: observers of every kind, each with events of its own
type Observer = EnhancedEventEmitter<any>;

/** Observers that are covered at present: how often, and how to uncover them. */
const covers = shared('covers', () => new WeakMap<Observer, { holders: number; restore: Restore }>());

/** Makes an `appData` by which {@link hideFrom} knows an object as the library's own. */
export function ownAppData(): Record<string, never> {
  const appData = {};

  marks.add(appData);

  return appData;
}

/**
 * Creates an object of the library's own without its being told to an observer of the application, which would
 * otherwise count a DataProducer that no peer asked for. `dump()` still lists it.
 *
 * mediasoup tells of an object while it is being created and never again, so the observer is covered only so
 * long: whatever becomes of the heartbeat meanwhile, and nothing of it is left on the observer afterwards.
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
    existing.holders++;

    return;
  }

  const { safeEmit } = observer;
  const restore = overrideProperty(observer, 'safeEmit', {
    value(this: Observer, ...[eventName, ...args]: Parameters<typeof safeEmit>) {
      const [subject] = args as [{ appData?: object } | undefined];

      return marks.has(subject?.appData ?? {}) ? false : safeEmit.call(this, eventName, ...args);
    },
  });

  covers.set(observer, { holders: 1, restore });
}

function uncover(observer: Observer): void {
  const existing = covers.get(observer);

  if (existing !== undefined && --existing.holders === 0) {
    covers.delete(observer);
    existing.restore();
  }
}
