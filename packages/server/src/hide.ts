import { override, type Undo } from '@mediasoup-heartbeat/protocol';
import type { EnhancedEventEmitter } from 'mediasoup/extras';
import { shared } from './shared.ts';

/** The `appData` objects of this library's own mediasoup objects, which are recognized by them. */
const marks = shared('marks', () => new WeakSet<object>());

// biome-ignore lint/suspicious/noExplicitAny: observers of every kind, each with events of its own
type Observer = EnhancedEventEmitter<any>;

/** Observers that are covered at present: by how many calls, and how to uncover them. */
const covers = shared('covers', () => new WeakMap<Observer, { calls: number; restore: Undo }>());

/** What {@link hideFrom} puts between observers and their class, by the prototype of the class. */
const prototypes = new WeakMap<object, object>();

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

  covers.set(observer, { calls: 1, restore: hideEvents(observer) });
}

/**
 * Puts a prototype between the observer and its class. A property of the observer itself would do as well, but V8 makes each object a
 * hash table from which one is deleted, and that takes 400 bytes more for as long as the transport lives.
 */
function hideEvents(observer: Observer): Undo {
  const prototype = Object.getPrototypeOf(observer) as Observer;

  // The application has wrapped it.
  if (Object.hasOwn(observer, 'safeEmit')) {
    return override(observer, 'safeEmit', hiding(observer.safeEmit));
  }

  const between = hidingPrototypeOf(prototype);

  Object.setPrototypeOf(observer, between);

  return () => {
    if (Object.getPrototypeOf(observer) === between) {
      Object.setPrototypeOf(observer, prototype);
    }
  };
}

function hidingPrototypeOf(prototype: Observer): object {
  let between = prototypes.get(prototype);

  if (between === undefined) {
    between = Object.create(prototype, {
      safeEmit: { value: hiding(prototype.safeEmit), writable: true, configurable: true },
    }) as object;
    prototypes.set(prototype, between);
  }

  return between;
}

/** `safeEmit()` without the events of this library's own objects. */
function hiding(safeEmit: Observer['safeEmit']): Observer['safeEmit'] {
  return function (this: Observer, eventName, ...args) {
    const [subject] = args as [{ appData?: object } | undefined];

    return marks.has(subject?.appData ?? {}) ? false : safeEmit.call(this, eventName, ...args);
  };
}

function uncover(observer: Observer): void {
  const existing = covers.get(observer);

  if (existing !== undefined && --existing.calls === 0) {
    covers.delete(observer);
    existing.restore();
  }
}
