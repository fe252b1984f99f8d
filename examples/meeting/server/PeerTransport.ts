import { attachHeartbeat, type Heartbeat } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup';
import { now } from '../clock.ts';
import { UdpRelay } from '../relay/UdpRelay.ts';
import type { Direction, PathImpairment, TransportView } from '../signaling/messages.ts';

/** How many RTT samples the terminal shows. */
const HISTORY = 24;

/** One transport of a client: the mediasoup transport, the simulated network before it, and its heartbeat. */
export class PeerTransport {
  readonly direction: Direction;
  readonly transport: types.WebRtcTransport;
  readonly heartbeat: Heartbeat;
  /** Is called when the client has come back on another path, with the time without a packet, in ms. */
  onreturn: (gap: number) => void = () => {};
  readonly #relay: UdpRelay;
  #rttHistory: (number | null)[] = [];
  #changedAt = now();

  private constructor(
    direction: Direction,
    transport: types.WebRtcTransport,
    heartbeat: Heartbeat,
    relay: UdpRelay,
  ) {
    this.direction = direction;
    this.transport = transport;
    this.heartbeat = heartbeat;
    this.#relay = relay;
    relay.onreturn = gap => this.onreturn(gap);
    heartbeat.on('sample', ({ rtt }) => this.#note(rtt));
    heartbeat.on('stats', ({ evidence }) => evidence.missed > 0 && this.#note(null));
    heartbeat.on('statechange', ({ at }) => {
      this.#changedAt = at;
    });
  }

  /** Creates the transport with a heartbeat, and a relay that the client connects to instead. */
  static async create(router: types.Router, direction: Direction): Promise<PeerTransport> {
    const transport = await router.createWebRtcTransport({
      // UDP only, so that nothing bypasses the relay.
      listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }],
      enableSctp: true,
    });
    const heartbeat = await attachHeartbeat(transport);
    const relay = await UdpRelay.open(transport.iceCandidates[0]?.port ?? 0);

    return new PeerTransport(direction, transport, heartbeat, relay);
  }

  get id(): string {
    return this.transport.id;
  }

  /** What the client needs to create its transport. `sctpParameters` carries the heartbeat's descriptor. */
  get parameters() {
    const { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters } = this.transport;

    return {
      id,
      iceParameters,
      iceCandidates: iceCandidates.map(candidate => ({ ...candidate, port: this.#relay.port })),
      dtlsParameters,
      sctpParameters,
    };
  }

  /** Impairs the path, or restores it. */
  impair({ uplink, downlink }: PathImpairment): void {
    this.#relay.impair(uplink, 'uplink');
    this.#relay.impair(downlink, 'downlink');
  }

  /** Takes the client out of its network: only an ICE restart brings it back. */
  leaveNetwork(): void {
    this.#relay.leaveNetwork();
  }

  returnToNetwork(): void {
    this.#relay.returnToNetwork();
  }

  /** What the page shows of it. */
  get view(): TransportView {
    const { state, reason, stats } = this.heartbeat;

    return {
      id: this.id,
      direction: this.direction,
      state,
      reason,
      changedAt: this.#changedAt,
      rtt: stats.rtt.smoothed ?? null,
      rttHistory: this.#rttHistory,
      loss: { downlink: stats.loss.downlink ?? null, uplink: stats.loss.uplink ?? null },
      silentFor: stats.silentFor,
      suspicion: stats.evidence.suspicion,
      hidden: stats.hidden,
    };
  }

  close(): void {
    this.transport.close();
    this.#relay.close();
  }

  #note(rtt: number | null): void {
    this.#rttHistory = [...this.#rttHistory, rtt].slice(-HISTORY);
  }
}
