import {
  checkOption,
  checkOptionNames,
  isObject,
  milliseconds,
  option,
  type Reason,
} from '@mediasoup-heartbeat/protocol';
import type { HeartbeatTransport } from './HeartbeatTransport.ts';

/** A client that is dead, and is about to be closed or has been. */
export type Cleanup = {
  /** Its transports: one, or all of its group. */
  transports: readonly HeartbeatTransport[];
  /** Why it is dead. */
  reason: Reason;
  /** Since when it is dead, in ms (see `StateChange.at`). */
  deadAt: number;
  /** For how long it has been dead, in ms. */
  deadFor: number;
};

/** What becomes of the transports of a dead client. */
export type CloseOnDead = {
  /**
   * How long the client may stay dead before its transports are closed, in ms. Any sign of its return cancels that. A client that
   * said goodbye has no grace. Range 0–3600000.
   */
  grace: number;
  /**
   * At most so many clients are closed within a second, in the whole process. The others wait, those that said goodbye in front. Range
   * 1–10000, default 50.
   */
  maxPerSecond?: number;
  /**
   * Called before the transports are closed. If it returns `false`, or a promise of that, they stay open: from then on closing them is up
   * to the application, unless the client comes back and dies again.
   *
   * If it throws, or its promise is rejected or not settled within 5 s, `cleanuperror` is emitted, and the transports are closed: an
   * application that fails must not keep the transports of dead clients for ever.
   */
  onBeforeClose?: (cleanup: Cleanup) => boolean | Promise<boolean>;
};

/** A policy with every default filled in. */
export type ClosePolicy = ReturnType<typeof resolvePolicy>;

/** The option `closeOnDead`, of a heartbeat and of a group. */
export const CLOSE_ON_DEAD = option<boolean | CloseOnDead>(
  false,
  'true, false or { grace: ms }',
  value => typeof value === 'boolean' || isObject(value),
);

const GRACE = milliseconds(0, 0, 3_600_000);

const MAX_PER_SECOND = option(
  50,
  'an integer from 1 to 10000',
  value => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 10_000,
);

const ON_BEFORE_CLOSE = option<CloseOnDead['onBeforeClose']>(
  undefined,
  'a function',
  value => value === undefined || typeof value === 'function',
);

const NAMES = { grace: GRACE, maxPerSecond: MAX_PER_SECOND, onBeforeClose: ON_BEFORE_CLOSE };

/**
 * Checks the option and fills in the defaults.
 *
 * @throws TypeError that names the option, the value and the range.
 */
export function resolveCloseOnDead(closeOnDead: boolean | CloseOnDead): ClosePolicy | false {
  if (typeof closeOnDead === 'boolean') {
    return closeOnDead && resolvePolicy({ grace: GRACE.default });
  }

  checkOptionNames('closeOnDead', NAMES, closeOnDead);

  return resolvePolicy(closeOnDead);
}

function resolvePolicy({ grace, maxPerSecond = MAX_PER_SECOND.default, onBeforeClose }: CloseOnDead) {
  return {
    // To be named: a policy without it is more likely a mistake.
    grace: checkOption('closeOnDead.grace', GRACE, grace),
    maxPerSecond: checkOption('closeOnDead.maxPerSecond', MAX_PER_SECOND, maxPerSecond),
    onBeforeClose: checkOption('closeOnDead.onBeforeClose', ON_BEFORE_CLOSE, onBeforeClose),
  };
}
