import type { Notifications, PeerView } from '../signaling/messages.ts';
import { byId, element } from './element.ts';
import { Tile } from './Tile.ts';

/** The room: a tile for each participant, and a way back for those who are gone. */
export class TileGrid {
  readonly #grid = byId('tiles');
  readonly #absent = byId('absent');
  readonly #empty = byId('empty');
  readonly #tiles = new Map<string, Tile>();
  /** What each client sends, by its id. */
  readonly #streams = new Map<string, MediaStream>();
  readonly #bringBack: (name: string) => void;
  #peers: readonly PeerView[] = [];
  #selfId = '';
  #withSound = false;

  constructor(bringBack: (name: string) => void) {
    this.#bringBack = bringBack;
  }

  show({ peers, absent }: Notifications['roster']): void {
    this.#peers = peers;

    for (const [seat, tile] of this.#tiles) {
      if (!peers.some(peer => peer.seat === seat)) {
        tile.element.remove();
        this.#tiles.delete(seat);
      }
    }

    for (const peer of peers) {
      let tile = this.#tiles.get(peer.seat);

      if (tile === undefined) {
        tile = new Tile(peer, this.#bringBack);
        this.#tiles.set(peer.seat, tile);
        this.#grid.append(tile.element);
      }

      this.#play(tile, peer);
      tile.show(peer, peer.id === this.#selfId);
    }

    this.#empty.hidden = peers.length > 0;
    this.#showAbsent(absent);
  }

  /** The own client, and what it sends. */
  setSelf(peerId: string, stream: MediaStream): void {
    this.#selfId = peerId;
    this.#streams.set(peerId, stream);
  }

  /** A track of another client. */
  add(track: MediaStreamTrack, peerId: string): void {
    const stream = this.#streams.get(peerId) ?? new MediaStream();

    stream.addTrack(track);
    track.addEventListener('ended', () => stream.removeTrack(track));
    this.#streams.set(peerId, stream);
  }

  setSound(on: boolean): void {
    this.#withSound = on;

    for (const peer of this.#peers) {
      const tile = this.#tiles.get(peer.seat);

      tile && this.#play(tile, peer);
    }
  }

  /** Left: nothing is received any more. */
  clear(): void {
    this.#selfId = '';
    this.#streams.clear();

    for (const tile of this.#tiles.values()) {
      tile.silence();
    }
  }

  #play(tile: Tile, { id }: PeerView): void {
    const stream = this.#streams.get(id);

    if (stream !== undefined) {
      tile.play(stream, this.#withSound && id !== this.#selfId);
    }
  }

  #showAbsent(names: readonly string[]): void {
    const shown = [...this.#absent.children].map(child => (child as HTMLElement).dataset.peer);

    if (names.join() !== shown.join()) {
      this.#absent.replaceChildren(
        ...names.map(name => {
          const button = element(
            'button',
            { type: 'button', class: 'quiet', 'data-peer': name },
            `Bring ${name} back`,
          );

          button.addEventListener('click', () => this.#bringBack(name));

          return button;
        }),
      );
    }
  }
}
