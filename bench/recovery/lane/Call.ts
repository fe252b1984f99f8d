import { attachHeartbeat } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup';
import type { types as client } from 'mediasoup-client';
import { isOurs } from '../contenders.ts';
import type { Direction, PageLog, Setup } from '../page/messages.ts';
import type { Handlers } from './Application.ts';
import { ADDRESS } from './ClientNetwork.ts';
import { now } from './clock.ts';
import { DelayedPath } from './DelayedPath.ts';
import type { FarEnd } from './FarEnd.ts';
import type { Feed } from './Feed.ts';

/** How long a client may be away before the server ends its call, in ms. */
const GRACE = 120_000;

/** The server's side of one call: two transports before which there are delayed paths. */
export class Call {
  readonly paths = new Map<Direction, DelayedPath>();
  /** When the worker has accepted RTP of the browser. */
  readonly accepted: Record<types.MediaKind, number[]> = { audio: [], video: [] };
  /** The browser's messages. */
  readonly messages: PageLog['messages'] = [];
  /** The payload types of the media towards the browser, and of the browser's. */
  readonly payloadTypes: Record<Direction, Record<types.MediaKind, number>> = {
    send: { audio: -1, video: -1 },
    recv: { audio: -1, video: -1 },
  };
  readonly #transports = new Map<string, types.WebRtcTransport>();
  readonly #router: types.Router;
  readonly #farEnd: FarEnd;
  readonly #feed: Feed;
  readonly #setup: Setup;

  constructor(router: types.Router, farEnd: FarEnd, feed: Feed, setup: Setup) {
    this.#router = router;
    this.#farEnd = farEnd;
    this.#feed = feed;
    this.#setup = setup;
  }

  /** Answers the page's signalling. */
  readonly handlers: Handlers = {
    join: async () => ({
      routerRtpCapabilities: this.#router.rtpCapabilities as client.RtpCapabilities,
    }),
    createTransport: ({ direction }) => this.#createTransport(direction),
    connect: async ({ transportId, dtlsParameters }) => {
      await this.#transport(transportId).connect({ dtlsParameters: dtlsParameters as types.DtlsParameters });

      return {};
    },
    produce: async ({ transportId, kind, rtpParameters }) => {
      const producer = await this.#transport(transportId).produce({
        kind,
        rtpParameters: rtpParameters as types.RtpParameters,
      });

      this.payloadTypes.send[kind] = rtpParameters.codecs[0]?.payloadType ?? -1;
      producer.on('trace', () => this.accepted[kind].push(now()));
      await producer.enableTraceEvent(['rtp']);
      if (kind === 'video') await this.#farEnd.watch(producer);

      return { id: producer.id };
    },
    produceData: async ({ transportId, ...options }) => {
      const producer = await this.#transport(transportId).produceData(options as never);

      await this.#feed.read(producer, sentAt => this.messages.push({ sentAt, at: now() }));

      return { id: producer.id };
    },
    consume: async ({ rtpCapabilities }) =>
      Promise.all(
        this.#farEnd.producers.map(async ({ id: producerId }) => {
          const { id, kind, rtpParameters } = await this.#receiving.consume({
            producerId,
            rtpCapabilities: rtpCapabilities as types.RtpCapabilities,
          });

          this.payloadTypes.recv[kind] = rtpParameters.codecs[0]?.payloadType ?? -1;

          return { id, producerId, kind, rtpParameters: rtpParameters as client.RtpParameters };
        }),
      ),
    consumeData: async () => {
      const dataProducerId = this.#feed.producer.id;
      const { id, sctpStreamParameters, label, protocol } = await this.#receiving.consumeData({
        dataProducerId,
      });

      return { id, dataProducerId, label, protocol, sctpStreamParameters: sctpStreamParameters ?? {} };
    },
    restartIce: async ({ transportId }) => this.#transport(transportId).restartIce(),
  };

  close(): void {
    for (const transport of this.#transports.values()) transport.close();
    for (const path of this.paths.values()) path.close();
  }

  async #createTransport(direction: Direction): Promise<client.TransportOptions> {
    const transport = await this.#router.createWebRtcTransport({
      listenInfos: [{ protocol: 'udp', ip: ADDRESS.server }],
      enableSctp: true,
      appData: { direction },
    });

    if (isOurs(this.#setup.contender)) {
      await attachHeartbeat(transport, { closeOnDead: { grace: GRACE } });
    }

    const path = await DelayedPath.open(transport.iceCandidates[0]?.port ?? 0);
    const { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters } = transport;

    this.#transports.set(id, transport);
    this.paths.set(direction, path);

    return {
      id,
      iceParameters,
      iceCandidates: iceCandidates.map(candidate => ({
        ...candidate,
        ip: ADDRESS.relay,
        address: ADDRESS.relay,
        port: path.port,
      })),
      dtlsParameters,
      sctpParameters,
    } as client.TransportOptions;
  }

  #transport(id: string): types.WebRtcTransport {
    return this.#transports.get(id) as types.WebRtcTransport;
  }

  get #receiving(): types.WebRtcTransport {
    return [...this.#transports.values()].find(
      ({ appData }) => appData.direction === 'recv',
    ) as types.WebRtcTransport;
  }
}
