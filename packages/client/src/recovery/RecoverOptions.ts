import { checkOptionNames, milliseconds, option, optionValues } from '@mediasoup-heartbeat/protocol';
import type { types } from 'mediasoup-client';

/**
 * Why the application is asked for new ICE parameters.
 *
 * - `still-silent`: restarts with the parameters in use did not help.
 * - `no-local-restart`: the transport's handler is not one of mediasoup-client's, so nothing else can be done.
 */
export type RestartReason = 'still-silent' | 'no-local-restart';

/** What the application is asked. */
export type RestartRequest = {
  /** The transport that nothing comes on. */
  transport: types.Transport;
  /** Why. */
  reason: RestartReason;
  /** The how manieth time it is asked since the path was lost, from 1. */
  attempt: number;
};

/** Options of `recover`. All may be left out. Times in ms. */
export type RecoverOptions = {
  /**
   * The last resort: gets new ICE parameters over the application's own signalling, where the server calls `transport.restartIce()`. Return
   * `undefined` if the signalling is down, too. First called about 6 s after the loss, and again 10 s after each answer. An answer that
   * comes after `restartTimeout` is still used, unless the transport has recovered. Errors go to the console. Default: nobody is asked.
   */
  restart?: (
    request: RestartRequest,
  ) => types.IceParameters | undefined | Promise<types.IceParameters | undefined>;
  /** How long to wait for that. Range 1000–60000, default 10000. */
  restartTimeout?: number;
  /** When to give up, after the path was found to be lost. Range 10000–3600000, default 120000. */
  giveUpAfter?: number;
};

const OPTIONS = {
  restart: option<RecoverOptions['restart']>(undefined, 'a function', value => typeof value === 'function'),
  restartTimeout: milliseconds(10_000, 1000, 60_000),
  giveUpAfter: milliseconds(120_000, 10_000, 3_600_000),
};

/** Options with every default filled in. */
export type ResolvedRecoverOptions = ReturnType<typeof resolveRecoverOptions>;

/**
 * Checks the options and fills in the defaults.
 *
 * @throws TypeError that names the option, the value and the range.
 */
export function resolveRecoverOptions(options: RecoverOptions) {
  checkOptionNames('enableHeartbeat(): recover', OPTIONS, options);

  return optionValues(OPTIONS, options);
}
