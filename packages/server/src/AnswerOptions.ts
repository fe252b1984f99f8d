import {
  COMMON_OPTIONS,
  checkOptionNames,
  DETECTOR_OPTIONS,
  type Descriptor,
  type DetectorInput,
  type FailureDetectorFactory,
  isObject,
  milliseconds,
  type OptionTable,
  option,
  optionValues,
  resolveDetectorOptions,
} from '@mediasoup-heartbeat/protocol';
import type { AppData, Router } from 'mediasoup/types';
import { ROUTER } from './HeartbeatOptions.ts';

/**
 * Options of `answerHeartbeat()`. All may be left out. Times in ms.
 *
 * This end judges the other one by the bounds of the detector. The other end decides how often it pings.
 */
export type AnswerOptions<HeartbeatAppData extends AppData = AppData> = Omit<DetectorInput, 'interval'> & {
  /**
   * The other end's `heartbeat.descriptor`. Needed if that end has another interval or preset than the default, or if a transport had
   * DataConsumers before. Default: stream 0, an interval of 1000.
   */
  descriptor?: Descriptor;
  /** How long the first ping may take after SCTP has connected. Then the reason is `no-answer`, and the state stays `pending`. Range 1000–600000, default 15000. */
  firstPingTimeout?: number;
  /** The transport's Router. Only needed if an error asks for it. */
  router?: Router;
  /** Another failure detector, for research: it weighs silences, see `FailureDetector`. Default: the adaptive one. */
  detector?: FailureDetectorFactory;
  /** Custom data of the application. Default `{}`. */
  appData?: HeartbeatAppData;
};

const { interval: _otherEnd, ...BOUNDS } = DETECTOR_OPTIONS;

const OPTIONS = {
  ...BOUNDS,
  descriptor: option<Descriptor | undefined>(
    undefined,
    'the heartbeat.descriptor of the other end',
    isObject,
  ),
  firstPingTimeout: milliseconds(15_000, 1000, 600_000),
  router: ROUTER,
  detector: COMMON_OPTIONS.detector,
  appData: COMMON_OPTIONS.appData,
} satisfies OptionTable<AnswerOptions>;

/** Options with every default filled in. */
export type ResolvedAnswerOptions = ReturnType<typeof resolveAnswerOptions>;

/**
 * Checks the options and fills in the defaults.
 *
 * @throws TypeError that names the option, the value and the range.
 */
export function resolveAnswerOptions(options: AnswerOptions = {}) {
  checkOptionNames('answerHeartbeat()', OPTIONS, options);

  return {
    ...optionValues(OPTIONS, options),
    bounds: (interval: number) => resolveDetectorOptions({ ...options, interval }),
  };
}
