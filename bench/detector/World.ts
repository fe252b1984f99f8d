import type { LinkSpec } from './Link.ts';
import type { SpanSpec } from './Spans.ts';

/** How the peer ends. `cut`: crash, power or path lost. `down`, `up`: only that direction of the path is. */
export type Death = 'cut' | 'down' | 'up' | 'none';

/** A scenario: a path, what happens to it, to the peer and to the server, and how it ends. Times in ms. */
export type World = {
  name: string;
  /** What it stands for, in a few words, with its numbers. */
  about: string;
  down: LinkSpec;
  up: LinkSpec;
  /** How long the peer lives. Figures are counted from `learn` on. */
  life: number;
  learn: number;
  death: Death;
  /** It dies within so much behind its life, 50 s if not said: within any part of what a detector does by turns. */
  spread?: number;
  /** Nothing passes in either direction. A peer that is called dead then is called so falsely. */
  outages?: SpanSpec | undefined;
  /** Walks out of reach: loss grows to `peak`, then nothing passes for `gap`, then all is well on another access. */
  walks?: SpanSpec & { peak: number; gap: { from: number; to: number } };
  /** The server's event loop stands still; what arrived meanwhile is read within `drain` after it. */
  stalls?: SpanSpec & { drain: number };
  /** The page does not run: pings wait in it and are answered at the end. */
  freezes?: SpanSpec;
  /** The page freezes this long before it dies: its process lives until then. */
  frozenBeforeDeath?: number;
  /** Nobody asks the transport for a second opinion. Else it is heard by acknowledgements and STUN checks. */
  noOpinion?: boolean;
  /** Judged is the half that answers, by the pings that arrive, without an opinion. Its timers fire at multiples of this. */
  answering?: { timers: number };
  /** Says goodbye at death, in this many copies. */
  goodbye?: number;
};
