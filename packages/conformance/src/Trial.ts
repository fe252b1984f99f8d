import { decodeFrame, encodeFrame, type Frame, PROTOCOL_VERSION } from '@mediasoup-heartbeat/protocol';
import type { Case } from './Case.ts';
import { bytesOf, hexOf } from './LineSide.ts';
import type { Line, Role, Subject } from './Subject.ts';

/** The implementation breaks a requirement. */
export class Failure extends Error {
  /** The number of the requirement. */
  readonly requirement: string;

  constructor(requirement: string, message: string) {
    super(message);
    this.requirement = requirement;
  }
}

/** The implementation lacks something that a case needs, and need not have it. */
export class Skip extends Error {}

/** How long an implementation may take for what it has to do at once, in ms: a bound for busy machines. */
const SOON = 15_000;

/** The frames that each side sends. [HB-FRM-4] */
const SENDERS: Readonly<Record<Frame['type'], readonly Role[]>> = {
  ping: ['server'],
  pong: ['client'],
  hello: ['client'],
  report: ['server'],
  goodbye: ['client', 'server'],
  paused: ['client', 'server'],
  resumed: ['client', 'server'],
};

/** The longest frames of a type, in bytes. [HB-FRM-2] */
const LONGEST: Partial<Record<Frame['type'], number>> = { ping: 16, pong: 24 };

/** What the implementation's answer to `stats` may contain. */
export type Figures = Partial<
  Record<
    'rtt' | 'downlink' | 'uplink' | 'outages' | 'sent' | 'received' | 'late' | 'lost' | 'malformed',
    number
  >
> & { hidden?: boolean };

/** One run of one case: the implementation, and what was checked. */
export class Trial {
  readonly subject: Subject;
  readonly role: Role;
  readonly interval: number;
  /** The requirements that were checked. */
  readonly exercised = new Set<string>();
  /** Called with each frame of the implementation. */
  onFrame: (frame: Frame) => void = () => {};
  #broken: Failure | undefined;

  /** How long to wait for a suspicion or a death, in ms: how long silence must be for it is not part of the protocol. */
  readonly patience: number;

  constructor(subject: Subject, { role, interval }: Case, patience: number) {
    this.patience = patience;
    this.subject = subject;
    this.role = role;
    this.interval = interval;
    this.subject.onLine = line => this.#onLine(line);
  }

  /** The number of lines so far: a moment to which later checks refer. */
  get now(): number {
    return this.subject.lines.length;
  }

  /** The frames that the implementation has sent since a moment. */
  frames<T extends Frame['type']>(type: T, since = 0): Extract<Frame, { type: T }>[] {
    return this.subject.lines
      .slice(since)
      .map(frameOf)
      .filter(frame => frame?.type === type) as Extract<Frame, { type: T }>[];
  }

  /** The states that it has told since a moment: state and reason. */
  states(since = 0): string[] {
    return this.subject.lines
      .slice(since)
      .filter(({ word }) => word === 'state')
      .map(({ rest }) => rest);
  }

  say(line: string): void {
    this.subject.say(line);
  }

  send(frame: Frame): void {
    this.sendBytes(encodeFrame(frame, PROTOCOL_VERSION));
  }

  sendBytes(bytes: Uint8Array): void {
    this.say(`frame ${hexOf(bytes)}`);
  }

  sendHex(hex: string): void {
    this.say(`frame ${hex}`);
  }

  /** Fails the case by that requirement unless it holds. */
  check(requirement: string, holds: boolean, what: string): void {
    this.exercised.add(requirement);

    if (this.#broken) {
      throw this.#broken;
    } else if (!holds) {
      throw new Failure(requirement, what);
    }
  }

  /** Waits for a line that `find` finds something in. */
  async expect<T>(
    requirement: string,
    what: string,
    find: (line: Line) => T | undefined | false,
    bounds: Bounds = {},
  ): Promise<T> {
    const found = await this.#find(find, bounds);

    if (found === undefined) {
      throw new Failure(requirement, `${what}: none came. ${this.subject.ended ?? ''}`.trim());
    }

    this.check(requirement, true, what);

    return found;
  }

  /** Waits for a frame. */
  expectFrame<T extends Frame['type']>(
    requirement: string,
    type: T,
    {
      where = () => true,
      ...bounds
    }: { where?: (frame: Extract<Frame, { type: T }>) => boolean } & Bounds = {},
  ): Promise<Extract<Frame, { type: T }>> {
    return this.expect(
      requirement,
      `expected a ${type}`,
      line => {
        const frame = frameOf(line) as Extract<Frame, { type: T }> | undefined;

        return frame?.type === type && where(frame) ? frame : undefined;
      },
      bounds,
    );
  }

  /** Waits for a state, with its reason if one is named. */
  async expectState(requirement: string, wanted: string, bounds: Bounds = {}): Promise<void> {
    await this.expect(
      requirement,
      `expected the state “${wanted}”, got “${this.states().at(-1) ?? 'none'}”`,
      ({ word, rest }) => word === 'state' && (rest === wanted || rest.startsWith(`${wanted} `)),
      bounds,
    );
  }

  /** Asks for the figures. A case that needs one that is not told is skipped. */
  async figures(...needed: (keyof Figures)[]): Promise<Figures> {
    const since = this.now;

    this.say('stats');

    const figures = await this.#find(({ word, rest }) => word === 'stats' && (JSON.parse(rest) as Figures), {
      since,
    });
    const missing = needed.find(name => figures?.[name] === undefined);

    if (figures === undefined) {
      throw new Skip('it does not answer “stats”');
    } else if (missing !== undefined) {
      throw new Skip(`its figures have no ${missing}`);
    }

    return figures;
  }

  /** Lets time pass in which something must not happen. */
  async pause(ms: number): Promise<void> {
    await new Promise(resolve => setTimeout(resolve, ms));

    if (this.subject.ended !== undefined) {
      throw new Error(this.subject.ended);
    }
  }

  async #find<T>(
    find: (line: Line) => T | undefined | false,
    { since = 0, within = SOON }: Bounds,
  ): Promise<T | undefined> {
    const until = performance.now() + within;

    for (let at = since; ; ) {
      for (; at < this.subject.lines.length; at++) {
        const line = this.subject.lines[at] as Line;

        if (line.word === 'unsupported') {
          throw new Skip(`it lacks something: ${line.rest}`);
        }

        const found = find(line);

        if (found !== undefined && found !== false) {
          return found;
        }
      }

      const left = until - performance.now();

      if (this.#broken) {
        throw this.#broken;
      } else if (this.subject.ended !== undefined || left <= 0) {
        return undefined;
      }

      await this.subject.activity(left);
    }
  }

  #onLine(line: Line): void {
    if (line.word !== 'frame') {
      return;
    }

    try {
      const frame = decodeFrame(bytesOf(line.rest), PROTOCOL_VERSION);
      const { length } = bytesOf(line.rest);
      const longest = LONGEST[frame.type] ?? 64;

      if (hexOf(encodeFrame(frame, PROTOCOL_VERSION)) !== line.rest.toLowerCase()) {
        this.#broken ??= new Failure('HB-FRM-1', `${line.rest} is not in its shortest encoding`);
      } else if (!SENDERS[frame.type].includes(this.role)) {
        this.#broken ??= new Failure('HB-FRM-4', `a ${frame.type} does not come from a ${this.role}`);
      } else if (length > longest) {
        this.#broken ??= new Failure('HB-FRM-2', `a ${frame.type} of ${length} bytes, at most ${longest}`);
      }

      this.onFrame(frame);
    } catch (error) {
      this.#broken ??= new Failure('HB-FRM-1', `${line.rest} is no frame: ${(error as Error).message}`);
    }
  }
}

/** From which moment on to look, and for how long to wait. */
type Bounds = { since?: number; within?: number };

function frameOf({ word, rest }: Line): Frame | undefined {
  try {
    return word === 'frame' ? decodeFrame(bytesOf(rest), PROTOCOL_VERSION) : undefined;
  } catch {
    return undefined;
  }
}
