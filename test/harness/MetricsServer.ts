import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Meter } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider, type MetricData } from '@opentelemetry/sdk-metrics';

/** OpenTelemetry's SDK with a real Prometheus endpoint, on a free port of this machine. */
export class MetricsServer {
  readonly meter: Meter;
  readonly #exporter = new PrometheusExporter({ preventServerStart: true });
  readonly #provider = new MeterProvider({ readers: [this.#exporter] });
  readonly #http: Server;

  private constructor() {
    this.meter = this.#provider.getMeter('test');
    this.#http = createServer((request, response) =>
      this.#exporter.getMetricsRequestHandler(request, response),
    );
  }

  static async start(): Promise<MetricsServer> {
    const server = new MetricsServer();

    server.#http.listen(0, '127.0.0.1');
    await once(server.#http, 'listening');

    return server;
  }

  /** What Prometheus would get. */
  async scrape(): Promise<string> {
    const { port } = this.#http.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);

    return response.text();
  }

  /** The metrics by name, as the SDK has them. */
  async collect(): Promise<Map<string, MetricData>> {
    const { resourceMetrics, errors } = await this.#exporter.collect();

    if (errors.length > 0) {
      throw new AggregateError(errors);
    }

    const all = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);

    return new Map(all.map(metric => [metric.descriptor.name, metric]));
  }

  async close(): Promise<void> {
    this.#http.closeAllConnections();
    this.#http.close();
    await this.#provider.shutdown();
  }
}

/** One line of a scrape. */
export type Series = { name: string; labels: Readonly<Record<string, string>>; value: number };

/** The lines of a scrape, without comments. */
export function seriesIn(scrape: string): Series[] {
  return scrape
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'))
    .map(line => {
      const [, name = '', labels = '', value = ''] = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/i.exec(line) ?? [];

      return {
        name,
        labels: Object.fromEntries(
          [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, text]) => [key, text]),
        ),
        value: Number(value),
      };
    });
}
