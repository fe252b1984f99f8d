import type { HistoryView, PeerView } from '../signaling/messages.ts';
import { Badge } from './Badge.ts';
import { type Ask, ChaosPanel } from './ChaosPanel.ts';
import { element } from './element.ts';
import { RecentHistory } from './RecentHistory.ts';
import { StateStrip } from './StateStrip.ts';
import { TimeChart } from './TimeChart.ts';

/** The last 30 s of a participant: states, RTT and loss, and the means to disturb it. */
export class Timeline {
  readonly element: HTMLDetailsElement;
  readonly history = new RecentHistory();
  readonly #name: string;
  readonly #badge = new Badge();
  readonly #figures = element('span', { class: 'figures' });
  readonly #strip = new StateStrip();
  readonly #rtt = new TimeChart({
    unit: 'ms',
    highest: 500,
    splits: [0, 250, 500],
    lines: [{ colour: '--accent' }],
    hasTime: false,
  });
  readonly #loss = new TimeChart({
    unit: '%',
    highest: 100,
    splits: [0, 50, 100],
    lines: [{ colour: '--accent' }, { colour: '--loss-up', dash: [5, 4] }],
    hasTime: true,
  });
  readonly #chaos: ChaosPanel;

  constructor(peer: PeerView, ask: Ask, isOpen: boolean) {
    this.#name = peer.name;
    this.#chaos = new ChaosPanel(peer, ask);
    this.element = element(
      'details',
      { class: 'timeline', 'data-peer': peer.name, open: isOpen },
      element('summary', {}, element('h3', {}, peer.name), this.#badge.element, this.#figures),
      this.#strip.element,
      element('p', { class: 'caption' }, 'Round-trip time'),
      this.#rtt.element,
      element(
        'p',
        { class: 'caption' },
        'Loss over two minutes',
        element('span', { class: 'key down' }, 'to the client'),
        element('span', { class: 'key up' }, 'from the client'),
      ),
      this.#loss.element,
      this.#chaos.element,
    );
  }

  add(history: HistoryView): void {
    this.history.add(history);
  }

  show(peer: PeerView): void {
    const [rtt, loss] = figuresOf(peer);

    this.#badge.show(peer);
    this.#figures.textContent = `${rtt}, ${loss} loss`;
    this.#chaos.show(peer);
  }

  draw(): void {
    const { points, cuts } = this.history;
    const times = points.map(({ at }) => at);
    const percent = (fraction: number | null) => (fraction === null ? null : 100 * fraction);

    this.#strip.draw(this.history, this.#name);
    this.#rtt.draw(times, [points.map(({ rtt }) => rtt)], cuts);
    this.#loss.draw(
      times,
      [points.map(({ downlink }) => percent(downlink)), points.map(({ uplink }) => percent(uplink))],
      cuts,
    );
  }
}

/** The worst of both transports, as text: RTT and loss. */
function figuresOf({ transports }: PeerView): [string, string] {
  const rtts = transports.flatMap(({ rtt }) => rtt ?? []);
  const losses = transports.flatMap(({ loss }) => [loss.downlink ?? 0, loss.uplink ?? 0]);

  return [
    rtts.length === 0 ? '– ms' : `${Math.max(...rtts).toFixed(Math.max(...rtts) < 10 ? 1 : 0)} ms`,
    `${(100 * Math.max(0, ...losses)).toFixed(0)} %`,
  ];
}
