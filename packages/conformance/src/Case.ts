import type { Role } from './Subject.ts';
import type { Trial } from './Trial.ts';

/** One case: a script for the other side, and what it checks. */
export type Case = {
  /** The requirements that it is about. A run that passes without having checked one of them is an error of the case. */
  readonly requirements: readonly string[];
  /** A sentence about the implementation: “a client …”. */
  readonly title: string;
  /** Which side the implementation plays. */
  readonly role: Role;
  /** The interval of the pings, in ms. */
  readonly interval: number;
  /** Whether it only asks, and changes nothing: then several cases may share one process. */
  readonly isQuestion?: boolean;
  readonly run: (trial: Trial) => Promise<void>;
};

/** How often the implementation pings in most cases, in ms: the shortest interval, so that cases are short. [HB-NEG-4] */
export const QUICK = 100;

/** Makes a case. Its requirements stand at the beginning of its name, as in `HB-PONG-1 HB-PONG-3: a client …`. */
export function defineCase(
  name: string,
  role: Role,
  run: (trial: Trial) => Promise<void>,
  interval = QUICK,
): Case {
  const [ids = '', title = ''] = name.split(': ');

  return { requirements: ids.split(' '), title, role, interval, run };
}
