/** Which side an implementation plays. */
export type Role = 'client' | 'server';

/** A line that the implementation under test has printed. */
export type Line = {
  /** Its first word. */
  readonly word: string;
  /** What follows that word. */
  readonly rest: string;
};

/** A running implementation. */
export type Connection = {
  /** Writes a line to it. */
  say(line: string): void;
  /** Stops it, as a busy machine or a debugger would, or lets it go on. Returns whether that is possible. */
  pause(isPaused: boolean): boolean;
  /** Ends it. */
  end(): void;
};

/**
 * Starts an implementation that plays a role.
 *
 * @param onLine - Called with each line that it prints.
 * @param onEnd - Called when it has ended, with the cause.
 */
export type Connect = (
  role: Role,
  interval: number,
  onLine: (line: string) => void,
  onEnd: (cause: string) => void,
) => Connection;

/** The implementation under test, and all that it has printed. */
export class Subject {
  /** All lines so far. */
  readonly lines: Line[] = [];
  /** Called with each line. */
  onLine: (line: Line) => void = () => {};
  readonly #connection: Connection;
  #ended: string | undefined;
  #wake = () => {};

  constructor(connect: Connect, role: Role, interval: number) {
    this.#connection = connect(
      role,
      interval,
      text => this.#onText(text),
      cause => this.#onEnd(cause),
    );
  }

  /** Why nothing more will come. `undefined` while it runs. */
  get ended(): string | undefined {
    return this.#ended;
  }

  say(line: string): void {
    this.#connection.say(line);
  }

  pause(isPaused: boolean): boolean {
    return this.#connection.pause(isPaused);
  }

  end(): void {
    this.#connection.end();
  }

  /** Resolves with the next line or the end, and after `ms` at the latest. */
  async activity(ms: number): Promise<void> {
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, ms);

      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #onText(text: string): void {
    const [word = '', ...rest] = text.split(' ');
    const line = { word, rest: rest.join(' ') };

    this.lines.push(line);
    this.onLine(line);
    this.#wake();
  }

  #onEnd(cause: string): void {
    this.#ended ??= cause;
    this.#wake();
  }
}
