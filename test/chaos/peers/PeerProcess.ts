import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ClientHeartbeatOptions, StateChange } from '@mediasoup-heartbeat/client';
import type { types as server } from 'mediasoup';
import type { types as client } from 'mediasoup-client';
import type { News, Order } from './messages.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const SOURCES = new URL('../sources.ts', import.meta.url).href;

type PeerProcessEvents = {
  /** The state of a client's heartbeat changed. */
  change: [{ peer: string; change: StateChange }];
  /** A client has left by itself. */
  left: [string];
  /** The process did not run between these times, in ms since the epoch by its own clock. */
  paused: [{ from: number; to: number }];
  /** The process is gone. */
  exit: [];
};

/** A process with real clients. It can be stopped and killed, and the server's process can be blocked. */
export class PeerProcess extends EventEmitter<PeerProcessEvents> {
  readonly #child: ChildProcess;
  readonly #transports = new Map<string, server.WebRtcTransport>();

  constructor() {
    super();
    // One for each client, and some more.
    this.setMaxListeners(0);
    this.#child = fork(MAIN, [], {
      execArgv: ['--import', SOURCES],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child.on('message', (news: News) => this.#take(news));
    this.#child.on('exit', () => this.emit('exit'));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Whether the process exists, stopped or not. */
  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /**
   * Lets a client join with a transport.
   *
   * @param port - The port that it sends to, if that is not the transport's own.
   */
  join(
    peer: string,
    router: server.Router,
    transport: server.WebRtcTransport,
    { port, heartbeat = {} }: { port?: number; heartbeat?: ClientHeartbeatOptions } = {},
  ): void {
    const { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters } = transport;

    this.#transports.set(peer, transport);
    this.#order({
      kind: 'join',
      peer,
      capabilities: router.rtpCapabilities as client.RtpCapabilities,
      transport: {
        id,
        iceParameters,
        iceCandidates: iceCandidates.map(candidate => ({ ...candidate, port: port ?? candidate.port })),
        dtlsParameters,
        sctpParameters,
      } as client.TransportOptions,
      heartbeat,
    });
  }

  /** Restarts ICE at both ends. */
  async restartIce(peer: string): Promise<void> {
    const iceParameters = await this.#transports.get(peer)?.restartIce();

    if (iceParameters !== undefined) {
      this.#order({ kind: 'restartIce', peer, iceParameters: iceParameters as client.IceParameters });
    }
  }

  /** Lets a client close its transport, with a goodbye. */
  leave(peer: string): void {
    this.#order({ kind: 'leave', peer });
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
    this.#child.kill(signal);
  }

  /** Kills it, unless it is dead already. */
  async close(): Promise<void> {
    if (this.running) {
      const gone = once(this.#child, 'exit');

      this.#child.kill('SIGKILL');
      await gone;
    }
  }

  #order(order: Order): void {
    if (this.#child.connected) {
      // Fails where the process has just been killed.
      this.#child.send(order, () => {});
    }
  }

  #take(news: News): void {
    switch (news.kind) {
      case 'connect': {
        this.#transports
          .get(news.peer)
          ?.connect({ dtlsParameters: news.dtlsParameters as server.DtlsParameters })
          .then(
            () => this.#order({ kind: 'connected', peer: news.peer }),
            // The transport was closed meanwhile.
            () => {},
          );
        break;
      }
      case 'change': {
        this.emit('change', news);
        break;
      }
      case 'left': {
        this.#transports.delete(news.peer);
        this.emit('left', news.peer);
        break;
      }
      case 'paused': {
        this.emit('paused', news);
        break;
      }
    }
  }
}
