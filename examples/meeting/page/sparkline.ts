const SVG = 'http://www.w3.org/2000/svg';

/** How many values fit: as many as the server keeps. */
const VALUES = 60;

/** A line through the latest values, with a gap for each missing one. */
export class Sparkline {
  readonly svg: SVGSVGElement = document.createElementNS(SVG, 'svg');
  readonly #path = document.createElementNS(SVG, 'path');

  constructor(label: string) {
    this.svg.setAttribute('class', 'sparkline');
    this.svg.setAttribute('viewBox', `0 0 ${VALUES - 1} 1`);
    this.svg.setAttribute('preserveAspectRatio', 'none');
    this.svg.setAttribute('role', 'img');
    this.svg.setAttribute('aria-label', label);
    this.svg.append(this.#path);
  }

  /** Draws the values, oldest first. The scale is at least 10 ms, so that noise does not look like a change. */
  draw(values: readonly (number | null)[]): void {
    const highest = Math.max(10, ...values.map(value => value ?? 0));
    let drawing = false;
    let path = '';

    for (const [index, value] of values.entries()) {
      if (value !== null) {
        const x = VALUES - values.length + index;

        path += `${drawing ? 'L' : 'M'}${x} ${(1 - value / highest).toFixed(3)}`;
      }

      drawing = value !== null;
    }

    this.#path.setAttribute('d', path);
  }
}
