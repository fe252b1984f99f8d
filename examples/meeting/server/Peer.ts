import type { types } from 'mediasoup';
import type { Chaos, Direction, PeerView, ProducerInfo } from '../signaling/messages.ts';
import { PeerTransport } from './PeerTransport.ts';

/** A participant: two transports, and what is sent and received on them. */
export class Peer {
  readonly id: string;
  readonly name: string;
  /** Whether this server started its process. */
  readonly node: boolean;
  readonly #router: types.Router;
  readonly #transports = new Map<string, PeerTransport>();
  readonly #producers = new Map<string, types.Producer>();
  readonly #consumers = new Map<string, types.Consumer>();

  constructor(id: string, name: string, node: boolean, router: types.Router) {
    this.id = id;
    this.name = name;
    this.node = node;
    this.#router = router;
  }

  get transports(): PeerTransport[] {
    return [...this.#transports.values()];
  }

  get producers(): ProducerInfo[] {
    return [...this.#producers.values()].map(({ id, kind }) => ({ peerId: this.id, producerId: id, kind }));
  }

  /** Whether any of its heartbeats has a verdict: the client runs the library. */
  get isJudged(): boolean {
    return this.transports.some(({ heartbeat }) => heartbeat.state !== 'pending');
  }

  /** Whether every heartbeat that has a verdict says dead. */
  get isDead(): boolean {
    const judged = this.transports.filter(({ heartbeat }) => heartbeat.state !== 'pending');

    return judged.length > 0 && judged.every(({ heartbeat }) => heartbeat.state === 'dead');
  }

  get view(): PeerView {
    return {
      id: this.id,
      name: this.name,
      node: this.node,
      transports: this.transports.map(({ view }) => view),
    };
  }

  async createTransport(direction: Direction): Promise<PeerTransport> {
    const transport = await PeerTransport.create(this.#router, direction);

    this.#transports.set(transport.id, transport);

    return transport;
  }

  async connect(transportId: string, dtlsParameters: types.DtlsParameters): Promise<void> {
    // Passed on unchanged: it carries the client's acceptance.
    await this.#transport(transportId).transport.connect({ dtlsParameters });
  }

  async produce(
    transportId: string,
    kind: types.MediaKind,
    rtpParameters: types.RtpParameters,
  ): Promise<types.Producer> {
    const producer = await this.#transport(transportId).transport.produce({ kind, rtpParameters });

    this.#producers.set(producer.id, producer);
    producer.observer.on('close', () => this.#producers.delete(producer.id));

    return producer;
  }

  async consume(producerId: string, rtpCapabilities: types.RtpCapabilities): Promise<types.Consumer> {
    const recv = this.transports.find(({ direction }) => direction === 'recv');

    if (recv === undefined) {
      throw new Error('Create a receiving transport first.');
    }

    const consumer = await recv.transport.consume({ producerId, rtpCapabilities, paused: true });

    this.#consumers.set(consumer.id, consumer);

    return consumer;
  }

  async resume(consumerId: string): Promise<void> {
    await this.#consumers.get(consumerId)?.resume();
  }

  /** Impairs the paths of one direction, or of both. */
  impair(chaos: Chaos, direction?: Direction): void {
    for (const transport of this.transports) {
      if (direction === undefined || transport.direction === direction) {
        transport.impair(chaos);
      }
    }
  }

  close(): void {
    for (const transport of this.transports) {
      transport.close();
    }
  }

  #transport(id: string): PeerTransport {
    const transport = this.#transports.get(id);

    if (transport === undefined) {
      throw new Error(`There is no transport ${id}.`);
    }

    return transport;
  }
}
