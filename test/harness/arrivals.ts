import type { types } from 'mediasoup';

/**
 * Counts the messages that a Router's DirectTransports bring to Node from now on. Returns a counter for each DataConsumer
 * on them, in the order of their creation.
 */
export function countArrivals(router: types.Router): (() => number)[] {
  const create = router.createDirectTransport.bind(router);
  const counters: (() => number)[] = [];

  router.createDirectTransport = async options => {
    const direct = await create(options);
    const consumeData = direct.consumeData.bind(direct);

    direct.consumeData = async parameters => {
      const dataConsumer = await consumeData(parameters);
      let count = 0;

      dataConsumer.on('message', () => count++);
      counters.push(() => count);

      return dataConsumer as never;
    };

    return direct as never;
  };

  return counters;
}
