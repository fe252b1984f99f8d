import { warnLog } from './logs.ts';

/** Mistakes in an application, as the codes of process warnings. */
export type Mistake = 'MEDIASOUP_HEARTBEAT_NO_CLIENT' | 'MEDIASOUP_HEARTBEAT_LATE';

const warned = new Set<Mistake>();

/** Warns of a mistake in the application: as a process warning the first time, and in the log each time. */
export function warnOnce(mistake: Mistake, warning: string): void {
  warnLog('%s', warning);

  if (!warned.has(mistake)) {
    warned.add(mistake);
    process.emitWarning(warning, { code: mistake });
  }
}
