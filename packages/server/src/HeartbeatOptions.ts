import {
  COMMON_OPTIONS,
  checkOption,
  checkOptionNames,
  DETECTOR_OPTIONS,
  type DetectorInput,
  type FailureDetectorFactory,
  flag,
  isObject,
  milliseconds,
  type OptionTable,
  option,
  optionValues,
  resolveDetectorOptions,
} from '@mediasoup-heartbeat/protocol';
import type { AppData, Router } from 'mediasoup/types';

/** Options of `attachHeartbeat()`. All may be left out. Times in ms. */
export type HeartbeatOptions<HeartbeatAppData extends AppData = AppData> = DetectorInput & {
  /**
   * Within which time of the client's acceptance the first pong has to come. After it the peer is dead:
   * `not-connected` where the transport has not connected, `no-answer` where it has. The same time passes
   * before a transport that nobody connects says so (`pending`, `not-connected`).
   * Range 1000–600000, default 15000.
   */
  firstPongTimeout?: number;
  /** How long a page is spared that said it is being frozen. Range 0–86400000, default 60000. */
  frozenTimeout?: number;
  /**
   * Closes the transport when the peer is dead: `true` at once, `{ grace }` after so many ms within which a
   * returning peer cancels the close. Range of `grace` 0–3600000. Default `false`.
   */
  closeOnDead?: boolean | { grace: number };
  /** The transport's Router. Only needed where it cannot be found: see the error that says so. */
  router?: Router;
  /**
   * Whether the descriptor rides in `transport.sctpParameters`. `false` where the signalling strips or rejects unknown
   * fields: nothing is added to any object, and the application sends `heartbeat.descriptor` by its own signalling. A
   * PlainTransport or PipeTransport needs `false`: their `connect()` has no room for an acceptance, so that with `true` they
   * stay `no-client-half` until `heartbeat.accept()`. Where nobody calls it (`comedia`) they count as connected once SCTP
   * is. Default `true`.
   */
  advertise?: boolean;
  /**
   * Whether the application vouches that the client has the other half, so that the heartbeat begins when the transport is
   * connected, with an acceptance or without. `false`: only with an acceptance, which comes with `transport.connect()` or
   * by `heartbeat.accept()`. Default: the opposite of `advertise`.
   */
  vouch?: boolean;
  /**
   * Whether the silence of most clients at the same moment counts as a fault of the server's own network, so that deaths wait
   * for `deadAtLatest` (`server-network`). `false` where most clients may well fall silent together, behind one router. Default
   * `true`.
   */
  localHealth?: boolean;
  /**
   * Another failure detector, for research: it weighs silences, see `FailureDetector`. Called once, for this heartbeat.
   * Default: the adaptive one.
   */
  detector?: FailureDetectorFactory;
  /** Custom data of the application. Default `{}`. */
  appData?: HeartbeatAppData;
};

/** Each option's check and default. The README has a row for each. */
export const OPTIONS = {
  ...DETECTOR_OPTIONS,
  firstPongTimeout: milliseconds(15_000, 1000, 600_000),
  frozenTimeout: milliseconds(60_000, 0, 86_400_000),
  closeOnDead: option<boolean | { grace: number }>(
    false,
    'true, false or { grace: ms }',
    value => typeof value === 'boolean' || isObject(value),
  ),
  router: option<Router | undefined>(
    undefined,
    'a mediasoup Router',
    value => typeof (value as Router | null)?.createDirectTransport === 'function',
  ),
  vouch: flag(undefined),
  localHealth: flag(true),
  ...COMMON_OPTIONS,
} satisfies OptionTable<HeartbeatOptions>;

const GRACE = milliseconds(0, 0, 3_600_000);

/** Options with every default filled in. */
export type ResolvedOptions = ReturnType<typeof resolveOptions>;

/**
 * Checks the options and fills in the defaults.
 *
 * @throws TypeError that names the option, the value and the range.
 */
export function resolveOptions(options: HeartbeatOptions = {}) {
  checkOptionNames('attachHeartbeat()', OPTIONS, options);

  const { closeOnDead, vouch, ...values } = optionValues(OPTIONS, options);

  return {
    ...values,
    bounds: resolveDetectorOptions(options),
    closeOnDead: withGrace(closeOnDead),
    vouch: vouch ?? !values.advertise,
  };
}

function withGrace(closeOnDead: boolean | { grace: number }): false | { grace: number } {
  const given = closeOnDead === true ? { grace: GRACE.default } : closeOnDead;

  return given && { grace: checkOption('closeOnDead.grace', GRACE, given.grace) };
}
