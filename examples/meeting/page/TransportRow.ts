import type { Reason, State } from '@mediasoup-heartbeat/client';
import { element } from './element.ts';
import { Sparkline } from './sparkline.ts';

/** What a row shows of a transport, seen from either side. */
export type TransportFigures = {
  state: State;
  reason: Reason;
  changedAt: number;
  rtt: number | null;
  rttHistory: readonly (number | null)[];
  loss: { downlink: number | null; uplink: number | null };
  suspicion: number;
  hidden: boolean;
};

/** A transport: its state and reason, its RTT and its loss. */
export class TransportRow {
  readonly element: HTMLElement;
  readonly #state = element('span', { class: 'state' });
  readonly #reason = element('span', { class: 'reason' });
  readonly #sparkline = new Sparkline('Round-trip time of the latest pings');
  readonly #rtt = element('b');
  readonly #downlink = element('b');
  readonly #uplink = element('b');
  readonly #suspicion = element('meter', {
    min: '0',
    max: '1',
    high: '0.6',
    optimum: '0',
    title: 'How sure the detector is that the client is gone',
  });

  constructor(side: 'server' | 'client', peer: string, direction: string) {
    this.element = element(
      'div',
      { class: 'transport', 'data-side': side, 'data-peer': peer, 'data-transport': direction },
      element(
        'div',
        { class: 'top' },
        element('span', { class: 'path' }, direction),
        this.#state,
        this.#reason,
      ),
      this.#sparkline.svg,
      element(
        'div',
        { class: 'figures' },
        element('span', {}, this.#rtt, ' ms'),
        element('span', { title: 'Loss from server to client' }, 'loss ↓ ', this.#downlink),
        element('span', { title: 'Loss from client to server' }, '↑ ', this.#uplink),
        this.#suspicion,
      ),
    );
  }

  show(figures: TransportFigures): void {
    const { state, reason, changedAt, rtt, rttHistory, loss, suspicion, hidden } = figures;
    const { dataset } = this.element;

    dataset.state = state;
    dataset.reason = reason;
    this.#state.textContent = state;
    this.#reason.textContent = `${reason}, ${ago(changedAt)}${hidden ? ', in background' : ''}`;
    this.#sparkline.draw(rttHistory);
    this.#rtt.textContent = rtt === null ? '–' : rtt.toFixed(1);
    this.#downlink.textContent = percent(loss.downlink);
    this.#uplink.textContent = percent(loss.uplink);
    this.#suspicion.value = suspicion;
  }
}

function percent(fraction: number | null): string {
  return fraction === null ? '–' : `${(100 * fraction).toFixed(0)} %`;
}

function ago(at: number): string {
  const seconds = Math.max(0, Math.round((Date.now() - at) / 1000));

  return seconds < 120 ? `${seconds} s ago` : `${Math.round(seconds / 60)} min ago`;
}
