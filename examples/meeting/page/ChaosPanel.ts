import { type Impairment, UNIMPAIRED } from '../relay/Impairment.ts';
import type { Chaos, PeerView, ProcessSignal } from '../signaling/messages.ts';
import type { SignalingChannel } from '../signaling/SignalingChannel.ts';
import { element } from './element.ts';

type Slider = { label: string; max: number; unit: string; chaos: (value: number) => Chaos };

const both = (change: Partial<Impairment>): Chaos => ({ uplink: change, downlink: change });

const SLIDERS: readonly Slider[] = [
  { label: 'Delay, each way', max: 1000, unit: 'ms', chaos: delay => both({ delay }) },
  { label: 'Jitter', max: 500, unit: 'ms', chaos: jitter => both({ jitter }) },
  { label: 'Loss ↓', max: 60, unit: '%', chaos: loss => ({ downlink: { loss: loss / 100 }, uplink: {} }) },
  { label: 'Loss ↑', max: 60, unit: '%', chaos: loss => ({ downlink: {}, uplink: { loss: loss / 100 } }) },
];

/** The lengths of the cuts on offer, in seconds. `0` lasts until it is undone. */
const CUTS = [1, 3, 10, 0];

const SIGNALS: readonly ProcessSignal[] = ['stop', 'continue', 'leave', 'kill'];

/** Disturbs a client's network or its process. */
export class ChaosPanel {
  readonly element: HTMLElement;
  readonly #signaling: SignalingChannel;
  readonly #peer: PeerView;
  readonly #inputs: HTMLInputElement[] = [];

  constructor(signaling: SignalingChannel, peer: PeerView) {
    this.#signaling = signaling;
    this.#peer = peer;
    this.element = element(
      'details',
      { class: 'chaos' },
      element('summary', {}, 'Chaos'),
      ...SLIDERS.map(slider => this.#slider(slider)),
      element(
        'div',
        { class: 'actions' },
        ...CUTS.map(seconds => this.#cutButton(seconds)),
        this.#button('Restore all', { 'data-action': 'restore' }, () => this.#restore()),
      ),
      ...(peer.node
        ? [element('div', { class: 'actions' }, ...SIGNALS.map(signal => this.#signalButton(signal)))]
        : []),
    );
  }

  #slider({ label, max, unit, chaos }: Slider): HTMLElement {
    const input = element('input', { type: 'range', min: '0', max: String(max), value: '0' });
    const output = element('output', {}, `0 ${unit}`);

    input.addEventListener('input', () => {
      output.textContent = `${input.value} ${unit}`;
      this.#send(chaos(Number(input.value)));
    });
    this.#inputs.push(input);

    return element('label', {}, label, input, output);
  }

  #cutButton(seconds: number): HTMLElement {
    const attributes = { 'data-action': 'blackout', 'data-seconds': String(seconds) };

    return this.#button(seconds > 0 ? `Cut ${seconds} s` : 'Cut', attributes, () => {
      this.#send(both({ blackout: true }));

      if (seconds > 0) {
        setTimeout(() => this.#send(both({ blackout: false })), seconds * 1000);
      }
    });
  }

  #signalButton(signal: ProcessSignal): HTMLElement {
    const label = `${signal[0]?.toUpperCase()}${signal.slice(1)}`;

    return this.#button(label, { 'data-action': signal, title: 'Its process' }, () => {
      this.#signaling.request('signal', { peerId: this.#peer.id, signal }).catch(console.warn);
    });
  }

  #button(label: string, attributes: Record<string, string>, pressed: () => void): HTMLElement {
    const button = element(
      'button',
      { ...attributes, 'data-peer': this.#peer.name, type: 'button', class: 'quiet' },
      label,
    );

    button.addEventListener('click', pressed);

    return button;
  }

  #restore(): void {
    for (const input of this.#inputs) {
      input.value = '0';
      input.dispatchEvent(new Event('input'));
    }

    this.#send(both({ ...UNIMPAIRED }));
  }

  #send(chaos: Chaos): void {
    this.#signaling.request('chaos', { peerId: this.#peer.id, chaos }).catch(console.warn);
  }
}
