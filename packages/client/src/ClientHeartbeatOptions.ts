import {
  type DetectorInput,
  type DetectorOptions,
  resolveDetectorOptions,
} from '@mediasoup-heartbeat/protocol';
import type { types } from 'mediasoup-client';

/**
 * Options of `enableHeartbeat()`. All may be left out. Times in ms.
 *
 * The bounds of the detector are those within which the server is judged here. How often it pings is the
 * server's to say.
 */
export type ClientHeartbeatOptions<HeartbeatAppData extends types.AppData = types.AppData> = Omit<
  DetectorInput,
  'interval'
> & {
  /**
   * Connects a transport that the application leaves idle, so long after the application has set its
   * `connect` listener. Where that fails, it is tried again after 1, 2, 4, 8, 16 and 30 s, until the application uses
   * the transport. Range 0–600000, `false` to leave idle transports alone. Default 500.
   */
  connectIdleAfter?: number | false;
  /**
   * Within which time of the channel's opening the first ping has to come. After it the reason is
   * `no-answer`; the state stays `pending`. Range 1000–600000, default 15000.
   */
  firstPingTimeout?: number;
  /**
   * Whether the acceptance rides in the `dtlsParameters` of the `connect` event. `false` adds nothing to any object, for
   * a signalling that rejects unknown fields: then pass on {@link TransportHeartbeat.acceptance}. Default true.
   */
  advertise?: boolean;
  /** Custom data of the application. Default `{}`. */
  appData?: HeartbeatAppData;
};

/** Options with every default filled in. */
export type ResolvedClientOptions = {
  /** The bounds at the server's interval, which is known to be in range. */
  detector: (interval: number) => DetectorOptions;
  connectIdleAfter: number | false;
  firstPingTimeout: number;
  advertise: boolean;
  appData: types.AppData;
};

const KNOWN: ReadonlyArray<keyof ClientHeartbeatOptions> = [
  'preset',
  'suspectAfter',
  'deadAfter',
  'deadBefore',
  'unresponsiveAfter',
  'connectIdleAfter',
  'firstPingTimeout',
  'advertise',
  'appData',
];

/**
 * Checks the options and fills in the defaults.
 *
 * @throws TypeError that names the option, the value and the range.
 */
export function resolveClientOptions(options: ClientHeartbeatOptions): ResolvedClientOptions {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(
      `enableHeartbeat(): options must be an object, got ${Array.isArray(options) ? 'an array' : String(options)}`,
    );
  }

  const unknown = Object.keys(options).find(name => !(KNOWN as readonly string[]).includes(name));

  if (unknown !== undefined) {
    throw new TypeError(`enableHeartbeat(): unknown option ${unknown}; known are ${KNOWN.join(', ')}`);
  }

  const {
    connectIdleAfter = 500,
    firstPingTimeout = 15_000,
    advertise = true,
    appData = {},
    ...bounds
  } = options;

  if (connectIdleAfter !== false) {
    checkNumber('connectIdleAfter', connectIdleAfter, 0, 600_000, ', or false');
  }

  checkNumber('firstPingTimeout', firstPingTimeout, 1000, 600_000);

  if (typeof advertise !== 'boolean') {
    throw new TypeError(`advertise must be true or false, got ${String(advertise)}`);
  }

  if (typeof appData !== 'object' || appData === null) {
    throw new TypeError(`appData must be an object, got ${String(appData)}`);
  }

  // Bounds that contradict each other are told now, and not when a transport comes.
  resolveDetectorOptions(bounds);

  return {
    detector: interval => detectorAt(interval, bounds),
    connectIdleAfter,
    firstPingTimeout,
    advertise,
    appData,
  };
}

/** The bounds at an interval for which they may be too short: then the preset's at that interval. */
function detectorAt(interval: number, bounds: DetectorInput): DetectorOptions {
  try {
    return resolveDetectorOptions({ ...bounds, interval });
  } catch {
    return resolveDetectorOptions({ preset: bounds.preset, interval });
  }
}

function checkNumber(name: string, value: unknown, min: number, max: number, or = ''): void {
  if (!(typeof value === 'number' && value >= min && value <= max)) {
    throw new TypeError(`${name} must be a number from ${min} to ${max} (ms)${or}, got ${String(value)}`);
  }
}
