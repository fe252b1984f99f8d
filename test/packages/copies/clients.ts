import { attachHeartbeat } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup-client';
import { untilState } from '../../harness/events.ts';
import { createDevice } from '../../harness/peer.ts';
import { createTransport, startRouter } from '../../harness/server.ts';
import { loadCopies, outcomeOf } from './load.ts';

// copies.test.ts runs this in a process of its own: the built client package, loaded three times, and a real connection.
const { version, asModule, asCommonJs, ofAnotherVersion } = await loadCopies<
  typeof import('@mediasoup-heartbeat/client')
>('client', '9.9.9');
const { worker, router } = await startRouter();
const server = await createTransport(router);
const heartbeat = await attachHeartbeat(server, { interval: 100 });
const device = createDevice();
const heartbeats = asModule.enableHeartbeat(device, { connectIdleAfter: 0 });
const again = asCommonJs.enableHeartbeat(device);

await device.load({ routerRtpCapabilities: router.rtpCapabilities as types.RtpCapabilities });

const { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters } = server;
const client = device.createSendTransport({
  id,
  iceParameters,
  iceCandidates,
  dtlsParameters,
  sctpParameters,
} as types.TransportOptions);
let connects = 0;

client.on('connect', ({ dtlsParameters }, callback, errback) => {
  connects++;
  server.connect({ dtlsParameters: dtlsParameters as never }).then(callback, errback);
});
await Promise.all([untilState(heartbeat, 'alive'), untilState(heartbeats, 'alive')]);

const report = {
  version,
  isSame: again === heartbeats,
  connects,
  transports: heartbeats.transports.size,
  options: await outcomeOf(() => asCommonJs.enableHeartbeat(device, { connectIdleAfter: 1 })),
  otherVersion: await outcomeOf(() => ofAnotherVersion.enableHeartbeat(device)),
  afterClose: '',
};

heartbeats.close();
report.afterClose = await outcomeOf(() => untilState(ofAnotherVersion.enableHeartbeat(device), 'alive'));
client.close();
worker.close();
console.log(JSON.stringify(report));
process.exit();
