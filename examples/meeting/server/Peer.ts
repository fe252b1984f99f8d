import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { State } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup';
import { now } from '../clock.ts';
import type { Direction, PathImpairment, PeerView, ProducerInfo } from '../signaling/messages.ts';
import { adaptVideo, type VideoLevel } from './adaptVideo.ts';
import { Disturbances } from './Disturbances.ts';
import { History } from './History.ts';
import { IceConsent } from './IceConsent.ts';
import { PeerTransport } from './PeerTransport.ts';
import { RtpPoll } from './RtpPoll.ts';

/** The states from good to bad. The state of a client is the worst of its transports. */
const STATES: readonly State[] = ['closed', 'pending', 'alive', 'suspect', 'dead'];

/** From the least. */
const LEVELS: readonly VideoLevel[] = ['paused', 'low', 'full'];

type PeerEvents = {
  /** It is to mute itself, or to stop that. */
  mute: [boolean];
  /** What disturbs it changed. */
  disturbances: [];
};

/** A participant: two transports, and what is sent and received on them. */
export class Peer extends EventEmitter<PeerEvents> {
  readonly id: string;
  readonly name: string;
  /** Whether this server started its process. */
  readonly node: boolean;
  /** Its place in the room: that of a client with its name which it follows, or a new one. */
  readonly seat: string;
  readonly history: History;
  readonly disturbances = new Disturbances(() => this.emit('disturbances'));
  readonly #router: types.Router;
  readonly #joinedAt = now();
  readonly #transports = new Map<string, PeerTransport>();
  readonly #producers = new Map<string, types.Producer>();
  readonly #consumers = new Map<string, types.Consumer>();
  /** How much it gets of each video, by consumer. */
  readonly #videos = new Map<string, VideoLevel>();

  /** How many transports are still out of their network. */
  #away = 0;
  #recovery: PeerView['recovery'];
  #rtpPoll: RtpPoll | undefined;
  #iceConsent: IceConsent | undefined;

  constructor(id: string, name: string, node: boolean, router: types.Router, previous?: Peer) {
    super();
    this.id = id;
    this.seat = previous?.seat ?? randomUUID();
    this.history = previous?.history ?? new History();
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

  /** The Producers of what it sends. */
  get serverProducers(): types.Producer[] {
    return [...this.#producers.values()];
  }

  /** The Consumers of what it receives. */
  get consumers(): types.Consumer[] {
    return [...this.#consumers.values()];
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
    const transports = this.transports.map(({ view }) => view);
    const worst = transports.reduce<Pick<PeerView, 'state' | 'reason' | 'changedAt'>>(
      (one, other) => (STATES.indexOf(other.state) > STATES.indexOf(one.state) ? other : one),
      transports[0] ?? { state: 'pending', reason: 'new', changedAt: this.#joinedAt },
    );
    const unjudged = { state: 'alive', at: this.#joinedAt } as const;

    return {
      id: this.id,
      seat: this.seat,
      name: this.name,
      node: this.node,
      state: worst.state,
      reason: worst.reason,
      changedAt: worst.changedAt,
      audio: this.#sends('audio'),
      video: this.#sends('video'),
      receivedVideo: LEVELS.find(level => [...this.#videos.values()].includes(level)),
      rtpPoll: this.#rtpPoll?.verdict ?? unjudged,
      iceConsent: this.#iceConsent?.verdict ?? unjudged,
      recovery: this.#recovery,
      disturbances: this.disturbances.view,
      transports,
    };
  }

  async createTransport(direction: Direction): Promise<PeerTransport> {
    const transport = await PeerTransport.create(this.#router, direction);

    this.#transports.set(transport.id, transport);

    if (direction === 'send') {
      this.#rtpPoll = new RtpPoll(transport.transport);
      this.#iceConsent = new IceConsent(transport.transport);
    }

    this.#record(transport);
    transport.onreturn = gap => this.#returned(gap);

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
    consumer.observer.once('close', () => {
      this.#consumers.delete(consumer.id);
      this.#videos.delete(consumer.id);
    });

    if (consumer.kind === 'video') {
      this.#videos.set(consumer.id, 'full');
      adaptVideo(consumer, recv.heartbeat, level => this.#videos.set(consumer.id, level));
    }

    return consumer;
  }

  async resume(consumerId: string): Promise<void> {
    await this.#consumers.get(consumerId)?.resume();
  }

  /** New ICE parameters for a transport. */
  restartIce(transportId: string): Promise<types.IceParameters> {
    return this.#transport(transportId).transport.restartIce();
  }

  /** Pauses or resumes what it sends. */
  async pause(producerId: string, paused: boolean): Promise<void> {
    const producer = this.#producers.get(producerId);

    await (paused ? producer?.pause() : producer?.resume());
  }

  /** Impairs the paths of both transports. Other settings stay as they are. */
  impair(path: PathImpairment): void {
    for (const transport of this.transports) {
      transport.impair(path);
    }
  }

  /** Takes it out of its network: only an ICE restart brings it back. */
  leaveNetwork(): void {
    this.#away = this.transports.length;

    for (const transport of this.transports) {
      transport.leaveNetwork();
    }
  }

  returnToNetwork(): void {
    for (const transport of this.transports) {
      transport.returnToNetwork();
    }
  }

  /** How many RTP packets it has sent, as far as the server has received them. */
  async countPacketsSent(): Promise<number> {
    const stats = await Promise.all([...this.#producers.values()].map(producer => producer.getStats()));

    return stats.flat().reduce((sum, { packetCount }) => sum + packetCount, 0);
  }

  close(): void {
    this.disturbances.endAll();

    for (const transport of this.transports) {
      transport.close();
    }
  }

  #sends(kind: types.MediaKind): 'on' | 'off' | undefined {
    const producer = [...this.#producers.values()].find(producer => producer.kind === kind);

    return producer && (producer.paused ? 'off' : 'on');
  }

  /** A transport has come back on another path. If that was the last one, the client has its new network. */
  #returned(gap: number): void {
    this.#away--;

    if (this.#away === 0) {
      this.#recovery = { at: now(), gap };
      this.history.mark('back');
      this.disturbances.end('walk');
    }
  }

  /** Notes the pings and states of a transport. */
  #record({ heartbeat }: PeerTransport): void {
    const { history } = this;

    heartbeat.on('sample', ({ rtt }) => history.point(rtt, heartbeat.stats.loss));
    heartbeat.on('stats', ({ evidence, loss }) => evidence.missed > 0 && history.point(null, loss));
    heartbeat.on('statechange', ({ at }) => history.state(this.view.state, at));
  }

  #transport(id: string): PeerTransport {
    const transport = this.#transports.get(id);

    // Closed after the grace: a client that is cut off goes on asking for an ICE restart.
    if (transport === undefined || transport.transport.closed) {
      throw new Error(`There is no transport ${id}.`);
    }

    return transport;
  }
}
