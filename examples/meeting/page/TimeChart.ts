import uPlot from 'uplot';
import { WINDOW } from './RecentHistory.ts';
import { serverTime } from './serverTime.ts';

/** The room for the values of the y axis, in CSS pixels. The strip of states leaves the same room: style.css. */
const AXIS = 56;

const FONT = '11px system-ui, sans-serif';

type Line = { colour: string; dash?: number[] };

type Options = {
  /** What is on the y axis. The scale is fixed, so that a few ms never look like a cliff. */
  unit: string;
  highest: number;
  splits: number[];
  lines: Line[];
  /** Whether it shows the time below. */
  hasTime: boolean;
};

/** A chart of the latest values over time. */
export class TimeChart {
  readonly element = document.createElement('div');
  readonly #options: Options;
  #chart: uPlot | undefined;
  #cuts: { from: number; to: number }[] = [];

  constructor(options: Options) {
    this.#options = options;
    this.element.className = 'chart';
    // It has no size while its timeline is closed.
    new ResizeObserver(() => this.#fit()).observe(this.element);
  }

  /** Draws values by their times, with a gap for each `null`, and shades the times of cuts. */
  draw(
    times: readonly number[],
    values: readonly (readonly (number | null)[])[],
    cuts: { from: number; to: number }[],
  ): void {
    const now = serverTime();
    const { highest } = this.#options;

    this.#cuts = cuts;
    this.#chart?.setData([
      times.map(at => (at - now) / 1000),
      ...values.map(line => line.map(value => (value === null ? null : Math.min(value, highest)))),
    ] as uPlot.AlignedData);
  }

  #fit(): void {
    const width = this.element.clientWidth;

    if (width === 0) {
      return;
    }

    if (this.#chart === undefined) {
      this.#chart = this.#create(width);
    } else {
      this.#chart.setSize({ width, height: this.#height });
    }
  }

  get #height(): number {
    return this.#options.hasTime ? 88 : 64;
  }

  #create(width: number): uPlot {
    const { unit, highest, splits, lines, hasTime } = this.#options;
    const axis = { stroke: () => colour('--faint'), font: FONT, ticks: { show: false } };
    const grid = { stroke: () => colour('--line'), width: 1 };

    return new uPlot(
      {
        width,
        height: this.#height,
        padding: [6, 8, hasTime ? 0 : 6, 0],
        cursor: { show: false },
        legend: { show: false },
        scales: {
          x: { time: false, range: [-WINDOW / 1000, 0] },
          y: { range: [0, highest] },
        },
        axes: [
          {
            ...axis,
            show: hasTime,
            size: 26,
            gap: 7,
            grid: { show: false },
            splits: () => [-30, -20, -10, 0],
            values: (_, ago) => ago.map(s => (s === 0 ? 'now' : `${-s} s ago`)),
            // The last one would be cut off in the middle.
            align: 2,
          },
          {
            ...axis,
            size: AXIS,
            gap: 6,
            grid,
            splits,
            values: (_, ticks) => ticks.map(tick => `${tick} ${unit}`),
          },
        ],
        series: [
          {},
          ...lines.map(({ colour: name, dash }) => ({
            stroke: () => colour(name),
            width: 1.5,
            points: { show: false },
            ...(dash && { dash }),
          })),
        ],
        hooks: { drawClear: [chart => this.#shade(chart)] },
      },
      [[], ...lines.map(() => [])],
      this.element,
    );
  }

  #shade({ ctx, bbox, valToPos }: uPlot): void {
    const now = serverTime();

    ctx.fillStyle = colour('--cut');

    for (const { from, to } of this.#cuts) {
      const [left = 0, right = 0] = [from, to].map(at =>
        valToPos(Math.min(0, Math.max(-WINDOW / 1000, (at - now) / 1000)), 'x', true),
      );

      ctx.fillRect(left, bbox.top, right - left, bbox.height);
    }
  }
}

/** A colour of style.css, in the colour scheme of now. */
function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
