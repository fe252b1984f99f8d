import type {
  BadNetwork,
  DisturbanceName,
  PeerView,
  ProcessSignal,
  Requests,
} from '../signaling/messages.ts';
import { element } from './element.ts';
import { disturbancesOf } from './Tile.ts';

/** Sends a request about a client. */
export type Ask = <M extends 'disturb' | 'restore' | 'end' | 'bringBack'>(
  method: M,
  data: Requests[M]['data'],
) => void;

type SliderName = 'delay' | 'jitter' | 'down' | 'up';

const SLIDERS: readonly { name: SliderName; label: string; max: number; unit: string }[] = [
  { name: 'delay', label: 'Delay, each way', max: 200, unit: 'ms' },
  { name: 'jitter', label: 'Jitter', max: 100, unit: 'ms' },
  { name: 'down', label: 'Loss to client', max: 60, unit: '%' },
  { name: 'up', label: 'Loss from client', max: 60, unit: '%' },
];

/** How long the sliders last, in s. The server ends them, and they return to 0. */
const BAD_NETWORK = 60;

/** The lengths of the cuts on offer, in s. */
const CUTS = [1, 3, 10, 30];

/** Disturbs a participant's network or process. The server counts down, and ends every disturbance. */
export class ChaosPanel {
  readonly element: HTMLElement;
  readonly #ask: Ask;
  readonly #inputs = new Map<SliderName, HTMLInputElement>();
  readonly #running = element('output', { class: 'running' });
  #peer: PeerView;

  constructor(peer: PeerView, ask: Ask) {
    this.#peer = peer;
    this.#ask = ask;
    this.element = element(
      'details',
      { class: 'chaos' },
      element('summary', {}, `Disturb ${peer.name}`),
      element(
        'div',
        { class: 'actions' },
        ...CUTS.map(seconds => this.#disturbButton(`Cut ${seconds} s`, 'cut', seconds)),
        this.#disturbButton('Walk out of the door', 'walk', 60),
      ),
      ...(peer.node
        ? [
            element(
              'div',
              { class: 'actions' },
              this.#disturbButton('Mute 20 s', 'mute', 20),
              this.#disturbButton('Freeze 10 s', 'freeze', 10),
              this.#endButton('Close its tab', 'leave'),
              this.#endButton('Kill', 'kill'),
            ),
          ]
        : []),
      ...SLIDERS.map(slider => this.#slider(slider)),
      element(
        'div',
        { class: 'actions' },
        this.#button('Restore', { 'data-action': 'restore' }, () =>
          ask('restore', { peerId: this.#peer.id }),
        ),
        this.#running,
      ),
    );
  }

  show(peer: PeerView): void {
    this.#peer = peer;
    this.#running.textContent = disturbancesOf(peer);

    if (peer.disturbances['bad-network'] === undefined) {
      for (const input of this.#inputs.values()) {
        // Not while somebody moves it: the server has not heard of that yet.
        if (document.activeElement !== input) {
          input.value = '0';
          input.dispatchEvent(new Event('change'));
        }
      }
    }
  }

  #slider({ name, label, max, unit }: (typeof SLIDERS)[number]): HTMLElement {
    const input = element('input', { type: 'range', min: '0', max: String(max), value: '0' });
    const output = element('output', {}, `0 ${unit}`);
    const show = () => {
      output.textContent = `${input.value} ${unit}`;
    };

    input.addEventListener('change', show);
    input.addEventListener('input', () => {
      show();
      this.#ask('disturb', {
        peerId: this.#peer.id,
        name: 'bad-network',
        seconds: BAD_NETWORK,
        network: this.#network,
      });
    });
    this.#inputs.set(name, input);

    return element('label', {}, label, input, output);
  }

  get #network(): BadNetwork {
    const value = (name: SliderName) => Number(this.#inputs.get(name)?.value ?? 0);
    const both = { delay: value('delay'), jitter: value('jitter') };

    return {
      uplink: { ...both, loss: value('up') / 100 },
      downlink: { ...both, loss: value('down') / 100 },
    };
  }

  #disturbButton(label: string, name: DisturbanceName, seconds: number): HTMLElement {
    return this.#button(label, { 'data-action': name, 'data-seconds': String(seconds) }, () =>
      this.#ask('disturb', { peerId: this.#peer.id, name, seconds }),
    );
  }

  #endButton(label: string, signal: ProcessSignal): HTMLElement {
    return this.#button(label, { 'data-action': signal }, () =>
      this.#ask('end', { peerId: this.#peer.id, signal }),
    );
  }

  #button(label: string, attributes: Record<string, string>, pressed: () => void): HTMLElement {
    const button = element('button', { ...attributes, type: 'button', class: 'quiet' }, label);

    button.addEventListener('click', pressed);

    return button;
  }
}
