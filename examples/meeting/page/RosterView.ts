import type { PeerView } from '../signaling/messages.ts';
import type { SignalingChannel } from '../signaling/SignalingChannel.ts';
import { ChaosPanel } from './ChaosPanel.ts';
import { byId, element } from './element.ts';
import { TransportRow } from './TransportRow.ts';

/** All clients, as the server sees them. */
export class RosterView {
  readonly #signaling: SignalingChannel;
  readonly #section = byId('peers');
  readonly #cards = new Map<string, PeerCard>();

  constructor(signaling: SignalingChannel) {
    this.#signaling = signaling;
    this.show([]);
  }

  show(peers: readonly PeerView[]): void {
    for (const [id, card] of this.#cards) {
      if (!peers.some(peer => peer.id === id)) {
        card.element.remove();
        this.#cards.delete(id);
      }
    }

    for (const peer of peers) {
      let card = this.#cards.get(peer.id);

      if (card === undefined) {
        card = new PeerCard(this.#signaling, peer);
        this.#cards.set(peer.id, card);
        this.#section.append(card.element);
      }

      card.show(peer);
    }

    (this.#section.querySelector('.empty') as HTMLElement).hidden = peers.length > 0;
  }
}

class PeerCard {
  readonly element: HTMLElement;
  readonly #name: string;
  readonly #rows = new Map<string, TransportRow>();
  readonly #list = element('div');

  constructor(signaling: SignalingChannel, peer: PeerView) {
    this.#name = peer.name;
    this.element = element(
      'article',
      { class: 'card' },
      element('h3', {}, peer.name, element('small', {}, peer.node ? 'Node process' : 'browser')),
      this.#list,
      new ChaosPanel(signaling, peer).element,
    );
  }

  show({ transports }: PeerView): void {
    for (const transport of transports) {
      let row = this.#rows.get(transport.id);

      if (row === undefined) {
        row = new TransportRow('server', this.#name, transport.direction);
        this.#rows.set(transport.id, row);
        this.#list.append(row.element);
      }

      row.show(transport);
    }
  }
}
