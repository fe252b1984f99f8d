import debug from 'debug';

// As mediasoup does it: with the package `debug`, by a variable like DEBUG='mediasoup-heartbeat*'. While a log is off, a call
// builds no text. Where its arguments cost something, the caller asks `enabled` first.

/** Each change of a state, with its evidence. */
export const stateLog = create('server:state', (...line) => console.debug(...line));

/** Each step of the negotiation, until the channel is open. */
export const negotiationLog = create('server:negotiation', (...line) => console.debug(...line));

/** Each frame that was not used, or not sent, and why. */
export const droppedLog = create('server:dropped', (...line) => console.debug(...line));

/** Each mistake in the application, see `warnOnce()`. */
export const warnLog = create('WARN:server', (...line) => console.warn(...line));

function create(name: string, write: (...line: unknown[]) => void): debug.Debugger {
  const log = debug(`mediasoup-heartbeat:${name}`);

  log.log = write;

  return log;
}
