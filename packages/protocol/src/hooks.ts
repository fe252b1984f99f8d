// Not part of the protocol: both sides hook into objects of mediasoup and mediasoup-client.

/** Removes an override, or a listener. */
export type Undo = () => void;

// biome-ignore lint/suspicious/noExplicitAny: methods of any signature
type Method = (...args: any[]) => any;

type Emitter = {
  on(event: string, listener: Method): unknown;
  off(event: string, listener: Method): unknown;
};

/**
 * Overrides a property of one object so that the application sees no difference: the object's class stays as it is, the property
 * is not enumerable, and the application can still wrap a method by assigning to it.
 */
export function overrideProperty(target: object, name: string, descriptor: PropertyDescriptor): Undo {
  const original = Object.getOwnPropertyDescriptor(target, name);
  // Not the descriptor itself: it would be kept for as long as the override.
  const { value, get } = descriptor;

  Object.defineProperty(target, name, { ...descriptor, configurable: true });

  return () => {
    const current = Object.getOwnPropertyDescriptor(target, name);

    // If somebody else has wrapped it since, it stays and only passes calls through.
    if (current?.value !== value || current?.get !== get) {
      return;
    } else if (original === undefined) {
      Reflect.deleteProperty(target, name);
    } else {
      // The application's own wrapper, from before.
      Object.defineProperty(target, name, original);
    }
  };
}

/** Overrides a method of one object. */
export function override<Name extends string, T extends { [_ in Name]: Method }>(
  target: T,
  name: Name,
  method: T[Name],
): Undo {
  return overrideProperty(target, name, { value: method, writable: true });
}

/** Calls back before each call of a method of one object, with its arguments. */
export function before<Name extends string>(
  target: { [_ in Name]: Method },
  name: Name,
  callback: (...args: unknown[]) => void,
): Undo {
  const method = target[name];

  return override(target, name, (...args) => {
    callback(...args);

    return method.apply(target, args);
  });
}

/** Adds a listener to an emitter of any kind. */
export function listen(emitter: Emitter, event: string, listener: Method): Undo {
  emitter.on(event, listener);

  return () => emitter.off(event, listener);
}
