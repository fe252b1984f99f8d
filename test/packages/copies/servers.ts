import { createWorker } from 'mediasoup';
import { loadCopies, outcomeOf } from './load.ts';

// copies.test.ts runs this in a process of its own: the built server package, loaded three times.
const { version, asModule, asCommonJs, ofAnotherVersion } = await loadCopies<
  typeof import('@mediasoup-heartbeat/server')
>('server', '9.9.9');
const worker = await createWorker({ logLevel: 'error' });
const router = await worker.createRouter();
const told: string[] = [];

router.observer.on('newtransport', transport => told.push(`transport ${transport.type}`));

const createTransport = async () => {
  const transport = await router.createWebRtcTransport({
    listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }],
    enableSctp: true,
  });

  transport.observer.on('newdataconsumer', () => told.push('data consumer'));

  return transport;
};
const [first, second, third] = [await createTransport(), await createTransport(), await createTransport()];
const heartbeat = await asModule.attachHeartbeat(first);
const { heartbeat: descriptor } = first.sctpParameters as { heartbeat?: object };
const again = await asCommonJs.attachHeartbeat(first);

// At the same time, so that what hides their objects overlaps.
await Promise.all([asCommonJs.attachHeartbeat(second), ofAnotherVersion.attachHeartbeat(third)]);

const report = {
  version,
  isSame: again === heartbeat,
  isSameDescriptor:
    JSON.stringify((first.sctpParameters as { heartbeat?: object }).heartbeat) === JSON.stringify(descriptor),
  options: await outcomeOf(() => asCommonJs.attachHeartbeat(first, { interval: 500 })),
  otherVersion: await outcomeOf(() => ofAnotherVersion.attachHeartbeat(first)),
  consumers: await Promise.all(
    [first, second, third].map(async transport => (await transport.dump()).dataConsumerIds.length),
  ),
  transportsInRouter: (await router.dump()).transportIds.length,
  told,
  isObserverAsBefore: !Object.hasOwn(router.observer, 'safeEmit'),
  afterClose: '',
};

heartbeat.close();
report.afterClose = await outcomeOf(() => ofAnotherVersion.attachHeartbeat(first));
worker.close();
console.log(JSON.stringify(report));
