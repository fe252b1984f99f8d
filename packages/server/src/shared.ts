/** By a registered symbol, so that all copies of the package find it. Each table keeps its name and shape in all versions. */
const TABLES = Symbol.for('@mediasoup-heartbeat/server');

/**
 * What all copies of this package in a process have in common: an application may load it as an ES module and as CommonJS,
 * or in two versions.
 *
 * @param create - Makes it for the first copy that asks.
 */
export function shared<T>(name: string, create: () => T): T {
  const host = globalThis as { [TABLES]?: Map<string, unknown> };

  host[TABLES] ??= new Map();

  if (!host[TABLES].has(name)) {
    host[TABLES].set(name, create());
  }

  return host[TABLES].get(name) as T;
}
