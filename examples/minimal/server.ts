// The server of a minimal application: one client, one transport, one heartbeat.
//   npm ci && npm run build
//   MEDIASOUP_WORKER_BIN=$(npm run --silent worker) node_modules/.bin/node examples/minimal/server.ts
// and then, in another terminal:
//   node_modules/.bin/node examples/minimal/client.ts
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { attachHeartbeat } from '@mediasoup-heartbeat/server';
import { createWorker, type types } from 'mediasoup';

const worker = await createWorker();
const router = await worker.createRouter();
const transports = new Map<string, types.WebRtcTransport>();

async function createTransport() {
  const transport = await router.createWebRtcTransport({
    listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }],
    enableSctp: true,
  });
  const heartbeat = await attachHeartbeat(transport);

  heartbeat.on('statechange', ({ state, reason }) => console.log(`${state} (${reason})`));
  heartbeat.on('dead', () => transport.close());
  transports.set(transport.id, transport);

  const { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters } = transport;

  return { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters };
}

createServer(async (request, response) => {
  const { id, dtlsParameters } = (await json(request)) as Parameters<types.WebRtcTransport['connect']>[0] & {
    id: string;
  };
  const answer =
    request.url === '/transport'
      ? { routerRtpCapabilities: router.rtpCapabilities, transport: await createTransport() }
      : await transports.get(id)?.connect({ dtlsParameters });

  response.end(JSON.stringify(answer ?? {}));
}).listen(4000, '127.0.0.1', () => console.log('waiting for a peer'));

// mediasoup handles these signals to close its Worker. The application has to exit itself.
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => process.exit());
}
