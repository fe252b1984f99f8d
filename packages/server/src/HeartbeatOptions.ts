import {
  COMMON_OPTIONS,
  checkOptionNames,
  DETECTOR_OPTIONS,
  type DetectorInput,
  type FailureDetectorFactory,
  flag,
  milliseconds,
  type OptionTable,
  option,
  optionValues,
  resolveDetectorOptions,
} from '@mediasoup-heartbeat/protocol';
import type { AppData, Router } from 'mediasoup/types';
import { CLOSE_ON_DEAD, type CloseOnDead, resolveCloseOnDead } from './ClosePolicy.ts';

/** Options of `attachHeartbeat()`. All may be left out. Times in ms. */
export type HeartbeatOptions<HeartbeatAppData extends AppData = AppData> = DetectorInput & {
  /**
   * How long the first pong may take after the client's acceptance. Then the peer is dead: `no-answer`, or `not-connected` if the
   * transport has not connected. It is dead sooner if the transport receives nothing at all for as long as a death takes (6 s with
   * the defaults). A transport that nobody connects becomes `not-connected` (`pending`) after `firstPongTimeout`.
   * Range 1000–600000, default 15000.
   */
  firstPongTimeout?: number;
  /** How long a page may stay frozen before it is dead, if it announced that. Range 0–86400000, default 60000. */
  frozenTimeout?: number;
  /**
   * Closes the transport when the peer is dead: `true` at once, `{ grace }` after so many ms, unless the peer returns before. It waits while
   * the server itself is unwell, at most 60 s more. Default `false`. For a participant with several transports, see
   * `createHeartbeatGroup()`.
   */
  closeOnDead?: boolean | CloseOnDead;
  /** The transport's Router. Only needed if an error asks for it. */
  router?: Router;
  /**
   * Whether the descriptor is added to `transport.sctpParameters`. Use `false` if the signalling strips or rejects unknown fields: then
   * nothing is added to any object, and the application sends `heartbeat.descriptor` by its own signalling. Default `true`.
   *
   * A PlainTransport or PipeTransport needs `false`. Their `connect()` has no room for an acceptance, so with `true` they stay
   * `no-client-half` until `heartbeat.accept()`. If nobody calls `connect()` (`comedia`), they count as connected once SCTP is.
   */
  advertise?: boolean;
  /**
   * Whether the application vouches that the client runs the library. Then the heartbeat begins when the transport is connected, with or
   * without an acceptance. `false`: only with an acceptance, which comes with `transport.connect()` or by `heartbeat.accept()`. Default: the opposite of `advertise`.
   */
  vouch?: boolean;
  /**
   * Whether the server's own network counts as the cause if most clients fall silent at the same moment. Then deaths wait for
   * `deadAtLatest` (`server-network`). Use `false` if most clients share a network, so that they may well fall silent together. Default
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

/** The option `router`. */
export const ROUTER = option<Router | undefined>(
  undefined,
  'a mediasoup Router',
  value => typeof (value as Router | null)?.createDirectTransport === 'function',
);

/** Each option's check and default. The README has a row for each. */
export const OPTIONS = {
  ...DETECTOR_OPTIONS,
  firstPongTimeout: milliseconds(15_000, 1000, 600_000),
  frozenTimeout: milliseconds(60_000, 0, 86_400_000),
  closeOnDead: CLOSE_ON_DEAD,
  router: ROUTER,
  vouch: flag(undefined),
  localHealth: flag(true),
  ...COMMON_OPTIONS,
} satisfies OptionTable<HeartbeatOptions>;

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
    closeOnDead: resolveCloseOnDead(closeOnDead),
    vouch: vouch ?? !values.advertise,
  };
}
