import { styleText } from 'node:util';
import { now } from '../clock.ts';
import type { Room } from '../server/Room.ts';
import type { ChangeView, PeerView, TransportView } from '../signaling/messages.ts';
import { sparkline } from './sparkline.ts';

const COLOURS = { alive: 'green', suspect: 'yellow', dead: 'red', pending: 'gray', closed: 'gray' } as const;

/** How many of the latest changes are shown. */
const CHANGES = 8;

const ESCAPE = '\x1b[';
const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
const HOME = '\x1b[H';
const CLEAR_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';
const CLEAR_SCREEN = '\x1b[2J';

/** The live view in the terminal: all transports, redrawn in place. Without a terminal, one line per change. */
export class TerminalView {
  readonly #room: Room;
  readonly #url: string;
  readonly #changes: ChangeView[] = [];
  readonly #live = process.stdout.isTTY;
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(room: Room, url: string) {
    this.#room = room;
    this.#url = url;
    room.on('change', change => this.#onChange(change));

    if (this.#live) {
      process.stdout.write(HIDE_CURSOR + CLEAR_SCREEN);
      this.#timer = setInterval(() => this.#draw(), 250);
    } else {
      console.log(`Join at ${url}`);
    }
  }

  /** Restores the terminal. */
  close(): void {
    clearInterval(this.#timer);

    if (this.#live) {
      process.stdout.write(SHOW_CURSOR);
    }
  }

  #onChange(change: ChangeView): void {
    this.#changes.unshift(change);
    this.#changes.length = Math.min(this.#changes.length, CHANGES);

    if (!this.#live) {
      console.log(describe(change));
    }
  }

  #draw(): void {
    const width = process.stdout.columns;
    const lines = [
      `${styleText('bold', 'mediasoup-heartbeat')}   join at ${styleText('underline', this.#url)}   Ctrl-C ends`,
      '',
      styleText(
        'gray',
        'peer             path  state    round trip                  ms    loss ↓     ↑   reason',
      ),
      ...this.#room.roster.flatMap(rows),
      '',
      ...this.#changes.map(describe),
    ];

    process.stdout.write(
      HOME + lines.map(line => clip(line, width) + CLEAR_LINE).join('\n') + CLEAR_LINE + CLEAR_BELOW,
    );
  }
}

function rows({ name, transports }: PeerView): string[] {
  return transports.map((transport, index) => row(index === 0 ? name : '', transport));
}

function row(
  name: string,
  { direction, state, reason, rtt, rttHistory, loss, changedAt }: TransportView,
): string {
  return [
    name.slice(0, 16).padEnd(16),
    direction.padEnd(5),
    styleText(COLOURS[state], state.padEnd(8)),
    styleText('cyan', sparkline(rttHistory, 24)),
    (rtt === null ? '–' : rtt.toFixed(1)).padStart(6),
    percent(loss.downlink),
    percent(loss.uplink),
    ` ${reason}, ${Math.max(0, Math.round((now() - changedAt) / 1000))} s ago`,
  ].join(' ');
}

function describe({ name, direction, from, to, reason, at }: ChangeView): string {
  const time = new Date(at).toLocaleTimeString('en-GB');

  return `${styleText('gray', time)} ${name} ${direction}: ${from} → ${styleText(COLOURS[to], to)} (${reason})`;
}

function percent(fraction: number | null): string {
  return (fraction === null ? '–' : `${(100 * fraction).toFixed(0)} %`).padStart(6);
}

/** Cuts a line with colours to the terminal's width. */
function clip(line: string, width: number): string {
  const [first = '', ...coloured] = line.split(ESCAPE);
  let left = width - first.length;
  let clipped = first.slice(0, width);

  for (const part of coloured) {
    const [code = ''] = part.split('m', 1);
    const text = part.slice(code.length + 1);

    clipped += `${ESCAPE}${code}m${text.slice(0, Math.max(0, left))}`;
    left -= text.length;
  }

  return clipped;
}
