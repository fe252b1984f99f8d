/** Takes an override off again. */
export type Undo = () => void;

// biome-ignore lint/suspicious/noExplicitAny: methods of any signature
type Method = (...args: any[]) => unknown;

/**
 * Overrides a method on one object, its class left alone. Where somebody else has wrapped the method since,
 * undoing leaves it in place: it has to pass through whatever it is given once it is no longer needed.
 */
export function override<Name extends string, T extends { [_ in Name]: Method }>(
  target: T,
  name: Name,
  method: T[Name],
): Undo {
  const before = Object.getOwnPropertyDescriptor(target, name);

  Object.defineProperty(target, name, { value: method, configurable: true, writable: true });

  return () => {
    if (target[name] !== method) {
      return;
    } else if (before === undefined) {
      delete (target as { [_ in Name]?: Method })[name];
    } else {
      Object.defineProperty(target, name, before);
    }
  };
}
