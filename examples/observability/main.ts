import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { measureHeartbeats } from '@mediasoup-heartbeat/server/metrics';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { MeetingServer } from '../meeting/server/MeetingServer.ts';

// The demo's conference, with its metrics at an endpoint for Prometheus.

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '3000' },
    'metrics-port': { type: 'string', default: '9464' },
    peers: { type: 'string', default: '3' },
  },
});

const exporter = new PrometheusExporter({ preventServerStart: true });
const meter = new MeterProvider({ readers: [exporter] }).getMeter('meeting');
const endpoint = createServer((request, response) => exporter.getMetricsRequestHandler(request, response));

measureHeartbeats({ meter });
endpoint.listen(Number(values['metrics-port']), '127.0.0.1');
await once(endpoint, 'listening');

const server = await MeetingServer.start(Number(values.port));

for (let peer = 1; peer <= Number(values.peers); peer++) {
  server.nodePeers.start(`Peer ${peer}`, { media: true });
}

console.log(`the conference: ${server.url}`);
console.log(`its metrics: http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/metrics`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, async () => {
    await server.close();
    process.exit(0);
  });
}
