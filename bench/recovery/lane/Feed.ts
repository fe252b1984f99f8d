import type { types } from 'mediasoup';
import { now } from './clock.ts';

/** How often a message is sent, in ms. */
const MESSAGE_EVERY = 50;

/** The data of the other participant: a message every 50 ms that says when it was sent. */
export class Feed {
  readonly producer: types.DataProducer;
  readonly #transport: types.DirectTransport;

  private constructor(transport: types.DirectTransport, producer: types.DataProducer) {
    this.#transport = transport;
    this.producer = producer;
    setInterval(() => producer.send(String(now())), MESSAGE_EVERY);
  }

  static async start(router: types.Router): Promise<Feed> {
    const transport = await router.createDirectTransport();

    return new Feed(transport, await transport.produceData({ label: 'down' }));
  }

  /** Reads when the messages of the browser were sent. */
  async read(producer: types.DataProducer, listener: (sentAt: number) => void): Promise<void> {
    const consumer = await this.#transport.consumeData({ dataProducerId: producer.id });

    consumer.on('message', message => listener(Number(String(message))));
  }
}
