import type { HeartbeatTransport } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup';

/** The ids of all objects that an observer was told of. Those of the heartbeat are not among them. */
const told = new Set<string>();

/** Records what the observers emit. */
export const seen = {
  router(router: types.Router): void {
    router.observer.on('newtransport', transport => {
      told.add(transport.id);
      transport.observer.on('newdataproducer', ({ id }) => told.add(id));
      transport.observer.on('newdataconsumer', ({ id }) => told.add(id));
    });
  },
};

/** Removes the heartbeat's DataConsumer from a transport's dump. */
export function maskTransportDump(transport: HeartbeatTransport): void {
  const dump = transport.dump.bind(transport) as () => Promise<types.PlainTransportDump>;

  mask(transport, async () => {
    const result = await dump();

    result.dataConsumerIds = result.dataConsumerIds.filter(own(1));

    if (result.sctpParameters) {
      const { heartbeat } = transport.sctpParameters as { heartbeat?: unknown };

      Object.assign(result.sctpParameters, heartbeat && { heartbeat });
    }

    return result;
  });
}

/** Removes the heartbeats' bridge, and what is on it, from a Router's dump. */
export function maskRouterDump(router: types.Router): void {
  const dump = router.dump.bind(router);

  mask(router, async () => {
    const result = await dump();

    result.transportIds = result.transportIds.filter(own(1));
    result.mapDataProducerIdDataConsumerIds = result.mapDataProducerIdDataConsumerIds.filter(({ key }) =>
      told.has(key),
    );
    result.mapDataConsumerIdDataProducerId = result.mapDataConsumerIdDataProducerId.filter(({ key }) =>
      told.has(key),
    );

    return result;
  });
}

function mask(target: object, dump: () => Promise<unknown>): void {
  Object.defineProperty(target, 'dump', { value: dump, configurable: true, writable: true });
}

/** Keeps what observers were told of. More than so many others would be a fault of the heartbeat. */
function own(bound: number): (id: string) => boolean {
  let others = 0;

  return id => {
    if (!told.has(id) && ++others > bound) {
      throw new Error(`dump() lists more than ${bound} hidden object, of which the latest is ${id}`);
    }

    return told.has(id);
  };
}
