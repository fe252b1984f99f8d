import {
  COMMON_OPTIONS,
  checkOptionNames,
  DETECTOR_OPTIONS,
  type DetectorInput,
  type DetectorOptions,
  type FailureDetectorFactory,
  isObject,
  milliseconds,
  type OptionTable,
  option,
  optionValues,
  resolveDetectorOptions,
} from '@mediasoup-heartbeat/protocol';
import type { types } from 'mediasoup-client';
import { type RecoverOptions, resolveRecoverOptions } from './recovery/RecoverOptions.ts';

/**
 * Options of `enableHeartbeat()`. All may be left out. Times in ms.
 *
 * This client judges the server by the bounds of the detector. The server decides how often it pings.
 */
export type ClientHeartbeatOptions<HeartbeatAppData extends types.AppData = types.AppData> = Omit<
  DetectorInput,
  'interval'
> & {
  /**
   * Connects a transport that the application leaves idle, this long after the application has set its `connect` listener. If that
   * fails, it is tried again after 1, 2, 4, 8, 16 and 30 s, until the application uses the transport. Range 0–600000, `false` to leave idle transports alone. Default 500.
   */
  connectIdleAfter?: number | false;
  /**
   * How long the first ping may take after the channel has opened. Then the reason is `no-answer`, and the state stays `pending`. Range 1000–600000, default 15000.
   */
  firstPingTimeout?: number;
  /**
   * Whether the acceptance is added to the `dtlsParameters` of the `connect` event. `false` adds nothing to any object, for signalling
   * that rejects unknown fields: then pass on {@link TransportHeartbeat.acceptance}. Default `true`.
   */
  advertise?: boolean;
  /**
   * Another failure detector, for research: it weighs silences, see `FailureDetector`. Called once for each transport.
   * Default: the adaptive one.
   */
  detector?: FailureDetectorFactory;
  /**
   * Restarts ICE of a transport whose path is lost, with the parameters that the server has given last. It needs no signalling and nothing
   * of the server. `true`, or options. The application's own restarts always come first. Default `false`: nothing is ever restarted.
   */
  recover?: boolean | RecoverOptions;
  /** Custom data of the application. Default `{}`. */
  appData?: HeartbeatAppData;
};

const { interval: _serverSide, ...BOUNDS } = DETECTOR_OPTIONS;
const IDLE = milliseconds(500, 0, 600_000);

/** Each option's check and default. The README has a row for each. */
export const OPTIONS = {
  ...BOUNDS,
  connectIdleAfter: option<number | false>(
    IDLE.default,
    `${IDLE.expected}, or false`,
    value => value === false || IDLE.isValid(value),
  ),
  firstPingTimeout: milliseconds(15_000, 1000, 600_000),
  recover: option<boolean | RecoverOptions>(
    false,
    'true, false or an object',
    value => typeof value === 'boolean' || isObject(value),
  ),
  ...COMMON_OPTIONS,
} satisfies OptionTable<ClientHeartbeatOptions>;

/** Options with every default filled in, and the bounds at the server's interval, which is known to be in range. */
export type ResolvedClientOptions = ReturnType<typeof resolveClientOptions>;

/**
 * Checks the options and fills in the defaults.
 *
 * @throws TypeError that names the option, the value and the range.
 */
export function resolveClientOptions(options: ClientHeartbeatOptions) {
  checkOptionNames('enableHeartbeat()', OPTIONS, options);
  // Bounds that contradict each other throw now, and not when a transport is created.
  resolveDetectorOptions(options);

  const { recover, ...values } = optionValues(OPTIONS, options);

  return {
    ...values,
    recover: recover !== false && resolveRecoverOptions(recover === true ? {} : recover),
    bounds: (interval: number) => boundsAt(interval, options),
  };
}

/** The bounds at an interval. If they are too short for it, those of the preset at that interval. */
function boundsAt(interval: number, bounds: DetectorInput): DetectorOptions {
  try {
    return resolveDetectorOptions({ ...bounds, interval });
  } catch {
    return resolveDetectorOptions({ preset: bounds.preset, interval });
  }
}
