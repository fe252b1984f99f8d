import type { LinkSpec } from './Link.ts';
import type { SpanSpec } from './Spans.ts';

/** How the client ends. `cut`: crash, power or path lost. `down`, `up`: only that direction of the path is lost. */
export type Death = 'cut' | 'down' | 'up' | 'none';

/** A scenario: a path, its faults, those of client and server, and the end. Times in ms. */
export type World = {
  name: string;
  /** A short description with its numbers. */
  about: string;
  down: LinkSpec;
  up: LinkSpec;
  /** How long the client lives. Figures are counted from `learn` on. */
  life: number;
  learn: number;
  death: Death;
  /** It dies at random within this time after its life, default 50 s, so that no detector's period is favoured. */
  spread?: number;
  /** Nothing passes in either direction. Calling a client dead then is wrong. */
  outages?: SpanSpec | undefined;
  /** Packets of both directions that leave meanwhile arrive at the end, in order: the radio is away, as in a Wi-Fi scan. */
  holds?: SpanSpec;
  /** Walks out of reach: loss grows to `peak`, then nothing passes for `gap`, then all is well on another access. */
  walks?: SpanSpec & { peak: number; gap: { from: number; to: number } };
  /** The server's event loop stalls. It reads what arrived meanwhile within `drain` after that. */
  stalls?: SpanSpec & { drain: number };
  /** The page does not run: pings wait in it and are answered at the end. */
  freezes?: SpanSpec;
  /** The page freezes this long before it dies: its process lives until then. */
  frozenBeforeDeath?: number;
  /** Path probes find nothing. Otherwise acknowledgements and STUN checks show that the path is alive. */
  noPathProbes?: boolean;
  /** The client judges, by the pings that arrive, without path probes. Its timers fire at multiples of this. */
  answering?: { timers: number };
  /** Says goodbye at death, this many times. */
  goodbye?: number;
};
