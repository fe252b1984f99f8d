import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { attachHeartbeat, type Heartbeat, localHealth } from '@mediasoup-heartbeat/server';
import { measureHeartbeats } from '@mediasoup-heartbeat/server/metrics';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { useRouter } from '../chaos/useRouter.ts';
import { MetricsServer, seriesIn } from '../harness/MetricsServer.ts';
import { createTransport } from '../harness/server.ts';

vi.setConfig({ testTimeout: 300_000 });

const backend = useRouter();

const read = (name: string) =>
  readFileSync(new URL(`../../examples/observability/${name}`, import.meta.url), 'utf8');

/** The queries of the alert rules. */
const alerts = [...read('alerts.yml').matchAll(/^ +expr: (.+\n(?: {10,}.+\n)*)/gm)].map(
  ([, query = '']) => query,
);

/** The queries of the dashboard. */
const panels: { targets: { expr: string }[] }[] = JSON.parse(read('dashboard.json')).panels;
const graphs = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

/** The metrics that a query names, each with the labels that select its series. */
function metricsIn(query: string): { name: string; labels: string[] }[] {
  return [...query.matchAll(/(mediasoup_heartbeat_\w+)(?:\{([^}]*)\})?/g)].map(
    ([, name = '', labels = '']) => ({
      name,
      labels: [...labels.matchAll(/(\w+)(?:=~|!=|!~|=)"/g)].map(([, label = '']) => label),
    }),
  );
}

/** One of each thing that is measured. */
function tellEverything({ observer }: Heartbeat): void {
  observer.emit('sample', { rtt: 20, hold: 0, seq: 0, at: 0, late: false });
  observer.emit('outage', { at: 0, duration: 2000, direction: 'unknown' });
  observer.emit('recovered', { attempts: 1, outage: 900, restoredIn: 800, provenIn: 900, at: 0 });
  observer.emit('statechange', {
    state: 'dead',
    previous: 'alive',
    reason: 'missed-pings',
    at: 0,
    silentFor: 0,
  });
  localHealth.emit('stall', { duration: 200, at: 0 });
}

describe('the alert rules and the dashboard', () => {
  it('name only metrics and labels that a scrape has, and together all of the metrics', async () => {
    const server = await MetricsServer.start();
    const measurement = measureHeartbeats({ meter: server.meter });
    const heartbeat = await attachHeartbeat(await createTransport(backend.router));

    tellEverything(heartbeat);

    const scrape = await server.scrape();
    const labelsOf = new Map(seriesIn(scrape).map(({ name, labels }) => [name, Object.keys(labels)]));
    const named = [...alerts, ...graphs].flatMap(metricsIn);

    expect(alerts).toHaveLength(read('alerts.yml').split('- alert:').length - 1);
    expect(graphs.length).toBeGreaterThanOrEqual(10);

    for (const query of [...alerts, ...graphs]) {
      expect(metricsIn(query), query).not.toEqual([]);
    }

    for (const { name, labels } of named) {
      expect(labelsOf.get(name), name).toEqual(expect.arrayContaining(labels));
    }

    const families = [...scrape.matchAll(/# TYPE (mediasoup_heartbeat\w+)/g)].map(([, name = '']) => name);

    expect(families).toHaveLength(8);

    for (const family of families) {
      expect(
        named.some(({ name }) => name.startsWith(family)),
        family,
      ).toBe(true);
    }

    measurement.close();
    heartbeat.transport.close();
    await server.close();
  });
});

describe('the demo with metrics', () => {
  it('counts its peers at the endpoint that it names', async () => {
    const demo = spawn(
      process.execPath,
      ['examples/observability/main.ts', '--port', '0', '--metrics-port', '0', '--peers', '1'],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    onTestFinished(() => void demo.kill());

    const endpoint = await new Promise<string>((resolve, reject) => {
      let said = '';

      demo.once('exit', code => reject(new Error(`the demo ended with ${code}`)));

      demo.stdout.on('data', data => {
        said += String(data);

        const [, url] = /its metrics: (\S+)\n/.exec(said) ?? [];

        if (url !== undefined) {
          resolve(url);
        }
      });
    });

    // Its client has two transports.
    await vi.waitUntil(
      async () => {
        const series = seriesIn(await (await fetch(endpoint)).text());

        return series.some(
          ({ name, labels, value }) =>
            name === 'mediasoup_heartbeat_peer_count' && labels.state === 'alive' && value === 2,
        );
      },
      { timeout: 280_000, interval: 200 },
    );

    const exited = new Promise(resolve => demo.once('exit', resolve));

    demo.kill('SIGINT');
    expect(await exited).toBe(0);
  });
});
