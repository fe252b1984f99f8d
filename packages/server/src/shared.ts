/** A registered symbol, so all copies of the package find the tables. Each table keeps its name and shape in all versions. */
const TABLES = Symbol.for('@mediasoup-heartbeat/server');

/**
 * A table that all copies of this package in a process share: an application may load the package as an ES module and as
 * CommonJS, or in two versions.
 *
 * @param create - Makes the table when the first copy asks for it.
 */
export function shared<T>(name: string, create: () => T): T {
  const host = globalThis as { [TABLES]?: Map<string, unknown> };

  host[TABLES] ??= new Map();

  if (!host[TABLES].has(name)) {
    host[TABLES].set(name, create());
  }

  return host[TABLES].get(name) as T;
}
