import { type DeviceHeartbeat, enableHeartbeat, type TransportHeartbeat } from '@mediasoup-heartbeat/client';
import { attachHeartbeat, type Heartbeat } from '@mediasoup-heartbeat/server';
import type { types as server } from 'mediasoup';
import type { types as client } from 'mediasoup-client';
import { until } from '../harness/events.ts';
import { overTheWire } from '../harness/overTheWire.ts';
import { type CLIENTS, createDevice, createSilentTrack } from '../harness/peer.ts';
import { createTransport } from '../harness/server.ts';
import type { Source } from './Source.ts';

/** Which of the two calls an application makes, and with what options. */
export type Setup = {
  /** Whether it calls `attachHeartbeat()`. */
  serverSide: boolean;
  /** Whether it calls `enableHeartbeat()`. */
  clientSide: boolean;
  /** Whether its client side restarts ICE by itself. */
  recover?: boolean;
  /** Which mediasoup-client it uses. */
  version?: keyof typeof CLIENTS;
  /** Which of its handlers. Each is made for one browser. */
  handlerName?: client.BuiltinHandlerName;
  /** When the client side connects idle transports. Default 10. */
  connectIdleAfter?: number | false;
};

/** The listener of a client transport's `connect` event. */
export type ConnectListener = (
  event: { dtlsParameters: client.DtlsParameters },
  callback: () => void,
  errback: (error: Error) => void,
) => unknown;

/** One transport of the application, on both sides. */
export type Link = {
  client: client.Transport;
  server: server.WebRtcTransport;
  /** The server's heartbeat, if there is one. */
  heartbeat: Heartbeat | undefined;
  /** Connects the server's transport, as the application's signalling would. */
  connect: ConnectListener;
};

/**
 * A usual application, server and client in one process. It records everything that it sees: the results of its
 * operations, and each event of its transports and of their observers on both sides.
 */
export class App {
  /** What was seen, in order. */
  readonly seen: string[] = [];
  /** Whether its server refuses Producers and DataProducers at present. */
  refusing = false;
  /** When the first of its operations has begun on the client. */
  readonly begun: Promise<void>;
  readonly device: client.Device;
  readonly heartbeats: DeviceHeartbeat | undefined;
  readonly #source: Source;
  readonly #setup: Setup;
  readonly #links: Link[] = [];
  readonly #tracks: MediaStreamTrack[] = [];
  #begin: () => void = () => {};

  constructor(source: Source, setup: Setup) {
    this.#source = source;
    this.#setup = setup;
    this.begun = new Promise(resolve => {
      this.#begin = resolve;
    });
    this.device = createDevice(setup.version, setup.handlerName);
    this.heartbeats = setup.clientSide
      ? enableHeartbeat(this.device, {
          connectIdleAfter: setup.connectIdleAfter ?? 10,
          recover: setup.recover ?? false,
        })
      : undefined;
  }

  /** Loads the device. */
  async load(): Promise<void> {
    await this.device.load({
      routerRtpCapabilities: this.#source.router.rtpCapabilities as client.RtpCapabilities,
    });
  }

  /** Creates a transport, without a `connect` listener. */
  async createLink(direction: 'send' | 'recv'): Promise<Link> {
    const transport = await createTransport(this.#source.router);
    const heartbeat = this.#setup.serverSide
      ? await attachHeartbeat(transport, { interval: 100 })
      : undefined;
    const options = overTheWire({
      id: transport.id,
      iceParameters: transport.iceParameters,
      iceCandidates: transport.iceCandidates,
      dtlsParameters: transport.dtlsParameters,
      sctpParameters: transport.sctpParameters,
    }) as client.TransportOptions;
    const peer =
      direction === 'send'
        ? this.device.createSendTransport(options)
        : this.device.createRecvTransport(options);
    const link: Link = {
      client: peer,
      server: transport,
      heartbeat,
      connect: ({ dtlsParameters }, callback, errback) => {
        this.seen.push(`${direction}:connect`);
        transport.connect(overTheWire({ dtlsParameters })).then(callback, errback);
      },
    };

    this.#links.push(link);
    this.#watch(direction, link);

    return link;
  }

  /** Creates a transport that connects as usual. */
  async createUsualLink(direction: 'send' | 'recv'): Promise<Link> {
    const link = await this.createLink(direction);

    link.client.on('connect', link.connect);

    return link;
  }

  /** Sends a new audio track, which is silent. */
  async produce(link: Link): Promise<client.Producer> {
    const track = createSilentTrack();

    this.#tracks.push(track);

    return this.see(
      'produce()',
      link.client.produce({ track }),
      producer => `${producer.kind} ${producer.closed}`,
    );
  }

  /** Opens a DataProducer. */
  async produceData(link: Link): Promise<client.DataProducer> {
    return this.see('produceData()', link.client.produceData({ label: 'app' }), ({ sctpStreamParameters }) =>
      this.#streamId(sctpStreamParameters.streamId),
    );
  }

  /** Receives the source's media. */
  async consume(link: Link): Promise<client.Consumer> {
    const producerId = this.#source.producer.id;
    const { recvRtpCapabilities } = this.device as { recvRtpCapabilities?: client.RtpCapabilities };
    const consumer = await link.server.consume({
      producerId,
      // The oldest versions have them by another name.
      rtpCapabilities: (recvRtpCapabilities ?? this.device.rtpCapabilities) as server.RtpCapabilities,
    });
    const { id, kind, rtpParameters } = overTheWire(consumerOf(consumer));

    return this.see(
      'consume()',
      link.client.consume({ id, producerId, kind, rtpParameters: rtpParameters as client.RtpParameters }),
      ({ track }) => `${track.kind} ${track.readyState}`,
    );
  }

  /** Receives the source's messages. */
  async consumeData(link: Link): Promise<client.DataConsumer> {
    const dataProducerId = this.#source.dataProducer.id;
    const { id, sctpStreamParameters, label, protocol } = await link.server.consumeData({ dataProducerId });

    return this.see(
      'consumeData()',
      link.client.consumeData({
        id,
        dataProducerId,
        sctpStreamParameters: overTheWire(sctpStreamParameters) as client.SctpStreamParameters,
        label,
        protocol,
      }),
      consumer => `${this.#streamId(consumer.sctpStreamParameters.streamId)} ${consumer.label}`,
    );
  }

  /** Sends a message from the client to the server. */
  async sendMessage(dataProducer: client.DataProducer): Promise<void> {
    const consumer = await this.#source.direct.consumeData({ dataProducerId: dataProducer.id });
    const received = new Promise<string>(resolve => {
      consumer.on('message', message => resolve(String(message)));
    });

    await untilOpen(dataProducer);
    dataProducer.send(`to the server on ${this.#streamId(dataProducer.sctpStreamParameters.streamId)}`);
    this.seen.push(`message:up ${await received}`);
  }

  /** Sends a message from the server to the client. */
  async receiveMessage(dataConsumer: client.DataConsumer): Promise<void> {
    const received = new Promise<string>(resolve => {
      dataConsumer.on('message', (message: string) => resolve(message));
    });

    await untilOpen(dataConsumer);
    this.#source.dataProducer.send('to the client');
    this.seen.push(`message:down ${await received}`);
  }

  /** Records the result of an operation, and returns it. */
  async see<T>(name: string, operation: Promise<T>, show: (result: T) => string = () => ''): Promise<T> {
    this.#begin();

    try {
      const result = await operation;

      this.seen.push(`${name} ${show(result)}`);

      return result;
    } catch (error) {
      const { name: type, message } = error as Error;

      this.seen.push(`${name} failed: ${type} ${message.replaceAll(/[0-9a-f-]{36}/g, 'id')}`);

      throw error;
    }
  }

  /** What was seen since the last time. The order is only kept among events of one kind. */
  take(): Record<string, string[]> {
    const seen: Record<string, string[]> = {};

    for (const line of this.seen.splice(0)) {
      const kind = line.split(' ')[0] as string;

      seen[kind] = [...(seen[kind] ?? []), line];
    }

    return seen;
  }

  /** The client's heartbeat of a link. */
  heartbeatOf(link: Link): TransportHeartbeat {
    return this.heartbeats?.transports.get(link.client.id) as TransportHeartbeat;
  }

  /** Closes all transports. */
  close(): void {
    for (const { client: peer, server: transport } of this.#links) {
      peer.close();
      transport.close();
    }

    for (const track of this.#tracks) {
      track.stop();
    }

    this.heartbeats?.close();
  }

  /** With the heartbeat the application's own stream ids start one higher. That is the only visible difference. */
  #streamId(streamId: number | undefined): string {
    const { serverSide, clientSide } = this.#setup;

    return `stream ${(streamId ?? Number.NaN) - (serverSide && clientSide ? 1 : 0)}`;
  }

  #watch(direction: string, link: Link): void {
    const { client: peer, server: transport } = link;
    const note = (what: string) => () => void this.seen.push(`${direction}:${what}`);

    peer.on('produce', ({ kind, rtpParameters }, callback, errback) => {
      this.seen.push(`${direction}:produce ${kind}`);

      if (this.refusing) {
        errback(new Error('refused'));
        return;
      }

      transport
        .produce({ kind, rtpParameters: overTheWire(rtpParameters) as server.RtpParameters })
        .then(callback, errback);
    });
    peer.on('producedata', ({ sctpStreamParameters, label, protocol }, callback, errback) => {
      this.seen.push(`${direction}:producedata ${this.#streamId(sctpStreamParameters.streamId)} ${label}`);

      if (this.refusing) {
        errback(new Error('refused'));
        return;
      }

      transport
        .produceData({
          sctpStreamParameters: overTheWire(sctpStreamParameters) as server.SctpStreamParameters,
          label: label ?? '',
          protocol: protocol ?? '',
        })
        .then(callback, errback);
    });

    for (const event of [
      'newproducer',
      'newconsumer',
      'newdataproducer',
      'newdataconsumer',
      'close',
    ] as const) {
      peer.observer.on(event, note(`client:${event}`));
      transport.observer.on(event, note(`server:${event}`));
    }
  }
}

async function untilOpen(channel: client.DataProducer | client.DataConsumer): Promise<void> {
  await until(channel, 'open', () => channel.readyState === 'open');
}

function consumerOf({ id, kind, rtpParameters }: server.Consumer) {
  return { id, kind, rtpParameters };
}
