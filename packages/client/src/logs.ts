import debug from 'debug';

// As mediasoup-client does it: with the package `debug`, by localStorage.debug = 'mediasoup-heartbeat*'. While a log is off, a call
// builds no text. Where its arguments cost something, the caller asks `enabled` first.

/** Each change of a state, with its evidence. */
export const stateLog = create('client:state', (...line) => console.info(...line));

/** Each step of the negotiation, until the channel is open. */
export const negotiationLog = create('client:negotiation', (...line) => console.info(...line));

/** Each frame that was not used, or not sent, and why. */
export const droppedLog = create('client:dropped', (...line) => console.info(...line));

/** Each step of a recovery. */
export const recoveryLog = create('client:recovery', (...line) => console.info(...line));

/** Each mistake in the application, see `warnOnce()`. */
export const warnLog = create('WARN:client', (...line) => console.warn(...line));

function create(name: string, write: (...line: unknown[]) => void): debug.Debugger {
  const log = debug(`mediasoup-heartbeat:${name}`);

  log.log = write;

  return log;
}
