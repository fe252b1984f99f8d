import type { EnhancedEventEmitter } from 'mediasoup/extras';

/** The appData of this library's own objects: their mark, by identity. */
const marks = new WeakSet<object>();

// biome-ignore lint/suspicious/noExplicitAny: observers of every kind, each with events of its own
type Observer = EnhancedEventEmitter<any>;

const covered = new WeakSet<Observer>();

/** Makes an `appData` by which {@link hideFrom} knows an object as the library's own. */
export function ownAppData(): Record<string, never> {
  const appData = {};

  marks.add(appData);

  return appData;
}

/**
 * Keeps the library's own objects from an observer of the application, which would otherwise count a
 * DataProducer that no peer asked for. `dump()` still lists them.
 */
export function hideFrom(observer: Observer): void {
  if (covered.has(observer)) {
    return;
  }

  const safeEmit = observer.safeEmit;

  covered.add(observer);
  observer.safeEmit = function (this: Observer, eventName, ...args) {
    const [subject] = args as [{ appData?: object } | undefined];

    return marks.has(subject?.appData ?? {}) ? false : safeEmit.call(this, eventName, ...args);
  };
}
