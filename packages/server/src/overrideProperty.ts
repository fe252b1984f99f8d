/** Takes an override off again. */
export type Restore = () => void;

/**
 * Overrides a property of one object of mediasoup's, so that the application sees no difference: it is not
 * enumerable, and a method can still be assigned to by whoever wraps it.
 */
export function overrideProperty(target: object, name: string, descriptor: PropertyDescriptor): Restore {
  const before = Object.getOwnPropertyDescriptor(target, name);

  Object.defineProperty(target, name, {
    configurable: true,
    ...('value' in descriptor ? { writable: true } : {}),
    ...descriptor,
  });

  const ours = Object.getOwnPropertyDescriptor(target, name);

  return () => {
    const current = Object.getOwnPropertyDescriptor(target, name);

    // Somebody else may have wrapped it since; then it stays, as a call that passes through.
    if (current?.value !== ours?.value || current?.get !== ours?.get) {
      return;
    }

    if (before === undefined) {
      delete (target as Record<string, unknown>)[name];
    } else {
      // The application's own wrap, from before.
      Object.defineProperty(target, name, before);
    }
  };
}
