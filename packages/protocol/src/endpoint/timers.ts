// Every timer of an endpoint: its place in the `TimerTable`. Each has a name of its own, so a page only has those that it uses.

/** The server's next ping. Regular pings once an interval, quick probes while answers are missing. */
export const Ping = 0;

/** A sign of life becomes a miss: the answer to the oldest ping (server side), or the next ping (client side). */
export const Miss = 1;

/** Server side: the oldest ping without an answer counts as lost. */
export const Lost = 2;

/** The first answer is overdue (server side), or the first ping (client side). */
export const FirstAnswer = 3;

/** Client side: the next hello, until a ping comes. */
export const Hello = 4;

/** The last announced interruption is over. */
export const InterruptionEnd = 5;

/** The transport's counters are to be read, or their answer is overdue. The last one. */
export const PathProbe = 6;

/** Any of them. */
export type AnyTimer =
  | typeof Ping
  | typeof Miss
  | typeof Lost
  | typeof FirstAnswer
  | typeof Hello
  | typeof InterruptionEnd
  | typeof PathProbe;
