import debug from 'debug';

// As mediasoup-client does it: with the package `debug`, by localStorage.debug = 'mediasoup-heartbeat*'. While a log is off, a call
// builds no text. Where its arguments cost something, the caller asks `enabled` first.

/** Each change of a state, with its evidence. */
export const stateLog = create('client:state');

/** Each step of the negotiation, until the channel is open. */
export const negotiationLog = create('client:negotiation');

/** Each frame that was not used, or not sent, and why. */
export const droppedLog = create('client:dropped');

/** Each step of a recovery. */
export const recoveryLog = create('client:recovery');

/** Each mistake in the application, see `warnOnce()`. */
export const warnLog = create('WARN:client', 'warn');

function create(name: string, method: 'info' | 'warn' = 'info'): debug.Debugger {
  const log = debug(`mediasoup-heartbeat:${name}`);

  log.log = (...line) => console[method](...line);

  return log;
}
