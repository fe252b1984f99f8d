import {
  type DetectorInput,
  type DetectorOptions,
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
  /** Custom data of the application. Default `{}`. */
  appData?: HeartbeatAppData;
};

/** Options with every default filled in. */
export type ResolvedOptions = {
  detector: DetectorOptions;
  firstPongTimeout: number;
  frozenTimeout: number;
  closeOnDead: false | { grace: number };
  advertise: boolean;
  vouch: boolean;
  appData: AppData;
};

/** The options there are. */
const KNOWN: { [Name in keyof HeartbeatOptions]-?: true } = {
  preset: true,
  interval: true,
  suspectAfter: true,
  deadAfter: true,
  deadBefore: true,
  unresponsiveAfter: true,
  firstPongTimeout: true,
  frozenTimeout: true,
  closeOnDead: true,
  router: true,
  advertise: true,
  vouch: true,
  appData: true,
};

/**
 * Checks the options and fills in the defaults.
 *
 * @throws TypeError that names the option, the value and the range.
 */
export function resolveOptions(options: HeartbeatOptions = {}): ResolvedOptions {
  checkNames(options);

  const { firstPongTimeout = 15_000, frozenTimeout = 60_000, closeOnDead = false } = options;
  const { advertise = true, vouch = !advertise, appData = {}, router } = options;

  checkNumber('firstPongTimeout', firstPongTimeout, 1000, 600_000);
  checkNumber('frozenTimeout', frozenTimeout, 0, 86_400_000);

  if (typeof closeOnDead === 'object' && closeOnDead !== null) {
    checkNumber('closeOnDead.grace', closeOnDead.grace, 0, 3_600_000);
  } else if (typeof closeOnDead !== 'boolean') {
    throw new TypeError(`closeOnDead must be a boolean or { grace: ms }, got ${show(closeOnDead)}`);
  }

  if (typeof advertise !== 'boolean') {
    throw new TypeError(`advertise must be a boolean, got ${show(advertise)}`);
  } else if (typeof vouch !== 'boolean') {
    throw new TypeError(`vouch must be a boolean, got ${show(vouch)}`);
  } else if (typeof appData !== 'object' || appData === null) {
    throw new TypeError(`appData must be an object, got ${show(appData)}`);
  } else if (router !== undefined && typeof router?.createDirectTransport !== 'function') {
    throw new TypeError(`router must be a mediasoup Router, got ${show(router)}`);
  }

  return {
    detector: resolveDetectorOptions(options),
    firstPongTimeout,
    frozenTimeout,
    closeOnDead: closeOnDead === true ? { grace: 0 } : closeOnDead,
    advertise,
    vouch,
    appData,
  };
}

function checkNames(options: unknown): asserts options is object {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`attachHeartbeat(): options must be an object, got ${show(options)}`);
  }

  // An option that is misspelt would otherwise have no effect, and nobody would notice.
  const unknown = Object.keys(options).find(name => !Object.hasOwn(KNOWN, name));

  if (unknown !== undefined) {
    throw new TypeError(
      `attachHeartbeat(): unknown option ${unknown}; known are ${Object.keys(KNOWN).join(', ')}`,
    );
  }
}

function checkNumber(name: string, value: unknown, min: number, max: number): void {
  if (!(typeof value === 'number' && value >= min && value <= max)) {
    throw new TypeError(`${name} must be a number from ${min} to ${max} (ms), got ${show(value)}`);
  }
}

/** A value as it stands in an error. */
export function show(value: unknown): string {
  if (typeof value === 'function') {
    return 'a function';
  } else if (Array.isArray(value)) {
    return 'an array';
  }

  return typeof value === 'object' && value !== null
    ? `an ${value.constructor?.name ?? 'object'}`
    : String(value);
}
