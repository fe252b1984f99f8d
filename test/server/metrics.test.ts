import type { Outage, Recovered, Sample, StateChange, Stats } from '@mediasoup-heartbeat/server';
import { attachHeartbeat, type LocalStall, localHealth, observer } from '@mediasoup-heartbeat/server';
import { type HeartbeatMeasurement, measureHeartbeats } from '@mediasoup-heartbeat/server/metrics';
import {
  type Attributes,
  createNoopMeter,
  DiagLogLevel,
  diag,
  type Meter,
  metrics,
} from '@opentelemetry/api';
import { DataPointType, type Histogram, type MetricData } from '@opentelemetry/sdk-metrics';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Call } from '../chaos/Call.ts';
import { useRouter } from '../chaos/useRouter.ts';
import { until, untilState } from '../harness/events.ts';
import { MetricsServer, type Series, seriesIn } from '../harness/MetricsServer.ts';
import { createTransport } from '../harness/server.ts';

vi.setConfig({ testTimeout: 120_000 });

const backend = useRouter();

const WEBRTC = { transport: 'webrtc' };

async function startServer(): Promise<MetricsServer> {
  const server = await MetricsServer.start();

  onTestFinished(() => server.close());

  return server;
}

function measure(meter: Meter): HeartbeatMeasurement {
  const measurement = measureHeartbeats({ meter });

  onTestFinished(() => measurement.close());

  return measurement;
}

/** The value of each data point, by its attributes without `transport`. */
function valuesOf(metric: MetricData | undefined): Record<string, unknown> {
  return Object.fromEntries(
    (metric?.dataPoints ?? []).map(({ attributes, value }) => [
      Object.entries(attributes)
        .filter(([name]) => name !== 'transport')
        .map(([, text]) => text)
        .join(' '),
      value,
    ]),
  );
}

function histogramOf(metric: MetricData | undefined): Histogram | undefined {
  return metric?.dataPointType === DataPointType.HISTOGRAM ? metric.dataPoints[0]?.value : undefined;
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** How often each value occurs. */
function tally(values: string[]): Record<string, number> {
  return Object.fromEntries(
    [...new Set(values)].map(value => [value, values.filter(one => one === value).length]),
  );
}

/** All that the next heartbeat tells, from its beginning. */
function recordNext() {
  const told = {
    samples: [] as Sample[],
    outages: [] as Outage[],
    recovered: [] as Recovered[],
    changes: [] as StateChange[],
  };

  observer.once('newheartbeat', heartbeat => {
    heartbeat.on('sample', sample => told.samples.push(sample));
    heartbeat.on('outage', outage => told.outages.push(outage));
    heartbeat.on('recovered', recovered => told.recovered.push(recovered));
    heartbeat.on('statechange', change => told.changes.push(change));
  });

  return told;
}

/** The sum of the series with these labels. */
function valueIn(all: Series[], name: string, wanted: object = {}): number {
  return sum(
    all
      .filter(series => series.name === `mediasoup_heartbeat_${name}`)
      .filter(({ labels }) => Object.entries(wanted).every(([key, text]) => labels[key] === text))
      .map(({ value }) => value),
  );
}

async function peersIn(server: MetricsServer): Promise<Record<string, number>> {
  return valuesOf((await server.collect()).get('mediasoup_heartbeat.peer.count')) as Record<string, number>;
}

const outcomesOf = ({ received, late, lost }: Stats) => ({
  answered: received - late,
  late,
  lost: lost + late,
});

/** Keeps the process busy, and waits until the heartbeats have noticed. */
async function standStill(ms: number): Promise<void> {
  const noticed = new Promise(resolve => localHealth.once('stall', resolve));

  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  await noticed;
}

/** Type and unit by name, as Prometheus has them. */
const METRICS = {
  mediasoup_heartbeat_rtt: ['histogram', 's'],
  mediasoup_heartbeat_outage_duration: ['histogram', 's'],
  mediasoup_heartbeat_recovery_duration: ['histogram', 's'],
  mediasoup_heartbeat_local_stall_duration: ['histogram', 's'],
  mediasoup_heartbeat_pings_total: ['counter', '{ping}'],
  mediasoup_heartbeat_state_changes_total: ['counter', '{change}'],
  mediasoup_heartbeat_peer_count: ['gauge', '{peer}'],
  mediasoup_heartbeat_loss: ['gauge', '1'],
};

describe('the metrics of a client that is cut off, comes back, changes its network and leaves', () => {
  it('are what its heartbeat told, in seconds, and a Prometheus endpoint has them and names no peer', async () => {
    const server = await startServer();

    measure(server.meter);

    const told = recordNext();
    const call = await Call.begin(backend.router, {
      server: { interval: 100, preset: 'fast', appData: { peerId: 'alice-4711' } },
      client: { recover: true },
    });

    await call.settle();

    const before = seriesIn(await server.scrape());

    expect(valueIn(before, 'peer_count')).toBe(1);
    expect(valueIn(before, 'pings_total', { outcome: 'answered' })).toBeGreaterThanOrEqual(20);
    expect(valueIn(before, 'state_changes_total', { state: 'alive', reason: 'first-pong' })).toBe(1);
    expect(valueIn(before, 'outage_duration_count')).toBe(0);
    call.relay.impair({ blackout: true });
    await untilState(call.server, 'dead');
    expect(await peersIn(server)).toEqual({ pending: 0, alive: 0, suspect: 0, dead: 1 });
    // Long enough to be one: the server counts an outage from 3 s on.
    await until(call.server, 'stats', () => call.server.stats.outages.count === 1);
    expect(told.outages).toEqual([]);
    // It comes back on another path, and only there.
    call.relay.leaveNetwork();
    call.relay.impair({ blackout: false });
    await until(call.server, 'recovered', () => told.recovered.length > 0);
    await until(call.server, 'outage', () => told.outages.length > 0);
    await untilState(call.server, 'alive');
    expect(sum(Object.values(await peersIn(server)))).toBe(1);
    await standStill(300);
    call.end();

    const figures = await server.collect();

    expect(await peersIn(server)).toEqual({ pending: 0, alive: 0, suspect: 0, dead: 0 });
    expect(valuesOf(figures.get('mediasoup_heartbeat.pings'))).toEqual(outcomesOf(call.server.stats));
    expect(call.server.stats.lost + call.server.stats.late).toBeGreaterThanOrEqual(8);
    expect(valuesOf(figures.get('mediasoup_heartbeat.loss'))).toEqual(
      Object.fromEntries(
        ['downlink', 'uplink', 'round'].flatMap(direction =>
          ['mean', 'p95', 'max'].map(statistic => [`${direction} ${statistic}`, 0]),
        ),
      ),
    );
    expect(valuesOf(figures.get('mediasoup_heartbeat.state_changes'))).toEqual(
      tally(
        told.changes
          .filter(({ state, previous }) => state !== previous)
          .map(({ state, reason }) => `${state} ${reason}`),
      ),
    );
    expect(told.outages[0]?.duration).toBeGreaterThanOrEqual(1000);

    for (const [name, durations] of [
      ['rtt', told.samples.map(({ rtt }) => rtt)],
      ['outage.duration', told.outages.map(({ duration }) => duration)],
      ['recovery.duration', told.recovered.map(({ provenIn }) => provenIn)],
    ] as const) {
      const histogram = histogramOf(figures.get(`mediasoup_heartbeat.${name}`));

      expect(histogram?.count, name).toBe(durations.length);
      expect(histogram?.sum, name).toBeCloseTo(sum(durations) / 1000, 6);
    }

    const text = await server.scrape();
    const after = seriesIn(text);

    expect(valueIn(after, 'state_changes_total', { state: 'dead' })).toBe(
      told.changes.filter(({ state, previous }) => state === 'dead' && previous !== 'dead').length,
    );
    expect(valueIn(after, 'outage_duration_count')).toBe(told.outages.length);
    expect(valueIn(after, 'outage_duration_bucket', { le: '+Inf' })).toBe(told.outages.length);
    expect(valueIn(after, 'local_stall_duration_count')).toBeGreaterThanOrEqual(1);

    for (const [name, [type, unit]] of Object.entries(METRICS)) {
      expect(text).toContain(`# TYPE ${name} ${type}\n`);
      expect(text).toContain(`# UNIT ${name} ${unit}\n`);
    }

    // A metric that nobody has described here is noticed.
    expect(new Set([...text.matchAll(/# TYPE (mediasoup_heartbeat\w+)/g)].map(([, name]) => name))).toEqual(
      new Set(Object.keys(METRICS)),
    );

    for (const id of [call.transport.id, call.server.id, 'alice', backend.router.id, '127.0.0.1']) {
      expect(text).not.toContain(id);
    }
  });
});

describe('the number of series', () => {
  it('is the same with 50 peers and made-up reasons as with one peer', async () => {
    const server = await startServer();

    measure(server.meter);

    const attach = async () => attachHeartbeat(await createTransport(backend.router));
    const first = await attach();
    const change: StateChange = { state: 'dead', previous: 'alive', reason: 'goodbye', at: 0, silentFor: 0 };
    // A stall of this process is measured whenever it happens.
    const namesIn = (text: string) =>
      new Set(
        seriesIn(text)
          .filter(({ name }) => !name.includes('local_stall'))
          .map(({ name, labels }) => name + JSON.stringify(labels)),
      );

    first.observer.emit('statechange', { ...change, reason: 'made-up' as never });

    const one = namesIn(await server.scrape());
    const heartbeats = [first];

    for (let index = 1; index < 50; index++) {
      const heartbeat = await attach();

      heartbeats.push(heartbeat);
      heartbeat.observer.emit('statechange', { ...change, reason: `made-up-${index}` as never });
    }

    const many = await server.scrape();

    expect(namesIn(many)).toEqual(one);
    expect(
      seriesIn(many)
        .filter(({ name }) => /state_changes|peer_count/.test(name))
        .map(({ labels, value }) => [labels.state, labels.reason, value]),
    ).toEqual(
      expect.arrayContaining([
        ['dead', 'other', 50],
        ['dead', undefined, 50],
      ]),
    );

    for (const { transport } of heartbeats) {
      transport.close();
    }
  });
});

describe('a stall of the server process', () => {
  it('is told by localHealth, and measured', async () => {
    const server = await startServer();
    const call = await Call.begin(backend.router, { server: { interval: 100 } });
    const stalls: LocalStall[] = [];
    const onStall = (stall: LocalStall) => void stalls.push(stall);

    measure(server.meter);
    localHealth.on('stall', onStall);
    await standStill(500);

    const histogram = histogramOf((await server.collect()).get('mediasoup_heartbeat.local_stall.duration'));

    localHealth.off('stall', onStall);
    expect(Math.max(...stalls.map(({ duration }) => duration))).toBeGreaterThan(100);
    expect(histogram?.count).toBe(stalls.length);
    expect(histogram?.sum).toBeCloseTo(sum(stalls.map(({ duration }) => duration)) / 1000, 6);
    call.end();
  });
});

describe('a measurement', () => {
  const listenersOf = (call: Call) =>
    Object.fromEntries(
      call.server.observer
        .eventNames()
        .map(name => [name, call.server.observer.rawListeners(name as never).length]),
    );

  it('builds no sample and listens to nothing before it begins and after it has ended', async () => {
    const server = await startServer();
    const call = await Call.begin(backend.router, { server: { interval: 100 } });
    const before = listenersOf(call);

    expect(before).not.toHaveProperty('sample');
    expect(before).not.toHaveProperty('stats');

    const measurement = measure(server.meter);

    expect(listenersOf(call)).toMatchObject({ sample: 1, outage: 1, recovered: 1 });
    // The figures are built when metrics are collected, not each second.
    expect(listenersOf(call)).not.toHaveProperty('stats');
    measurement.close();
    measurement.close();
    expect(measurement.closed).toBe(true);
    expect(listenersOf(call)).toEqual(before);
    expect(observer.listenerCount('newheartbeat')).toBe(0);
    expect(localHealth.listenerCount('stall')).toBe(0);

    const { transport } = await attachHeartbeat(await createTransport(backend.router));

    expect(await peersIn(server)).toEqual({ pending: 0, alive: 0, suspect: 0, dead: 0 });
    transport.close();
    call.end();
  });

  it('keeps nothing of a heartbeat that is closed', async () => {
    const server = await startServer();

    measure(server.meter);

    const call = await Call.begin(backend.router, { server: { interval: 100 } });

    call.end();
    // Its own, for listeners of `stats`.
    expect(listenersOf(call)).toEqual({ newListener: 1 });
  });

  it('keeps nothing of a heartbeat that a listener before it closes at once', async () => {
    const server = await startServer();

    observer.once('newheartbeat', one => one.close());
    measure(server.meter);

    const heartbeat = await attachHeartbeat(await createTransport(backend.router));

    expect(heartbeat.closed).toBe(true);
    expect(heartbeat.observer.eventNames()).toEqual(['newListener']);
    heartbeat.transport.close();
  });

  it('uses the global MeterProvider unless it gets a meter', async () => {
    const server = await startServer();
    const getMeter = vi.fn(() => server.meter);

    metrics.setGlobalMeterProvider({ getMeter });
    onTestFinished(() => metrics.disable());

    const measurement = measureHeartbeats();

    onTestFinished(() => measurement.close());

    const { pending = 0 } = await peersIn(server);
    const { transport } = await attachHeartbeat(await createTransport(backend.router));

    expect(getMeter).toHaveBeenCalledWith(
      '@mediasoup-heartbeat/server',
      expect.stringMatching(/^\d/),
      undefined,
    );
    expect(await peersIn(server)).toMatchObject({ pending: pending + 1 });
    transport.close();
  });

  it('measures nothing without a MeterProvider', () => {
    const measurement = measureHeartbeats();

    expect(measurement.closed).toBe(false);
    measurement.close();
  });
});

describe('a meter that throws', () => {
  afterEach(() => diag.disable());

  it('reaches neither the heartbeat nor its listeners, and is reported to OpenTelemetry once', async () => {
    const error = vi.fn();
    const fail = vi.fn((_value: number, _attributes?: Attributes) => {
      throw new Error('exporter is gone');
    });
    const meter: Meter = {
      ...createNoopMeter(),
      createHistogram: () => ({ record: fail }),
      createCounter: () => ({ add: fail }),
      removeBatchObservableCallback: () => fail(0),
    };

    Object.setPrototypeOf(meter, Object.getPrototypeOf(createNoopMeter()));
    diag.setLogger({ error, warn() {}, info() {}, debug() {}, verbose() {} }, DiagLogLevel.ERROR);

    const measurement = measure(meter);
    const listenerError = vi.fn();
    const call = await Call.begin(backend.router, { server: { interval: 100, preset: 'fast' } });

    call.server.observer.on('listenererror', listenerError);
    call.server.on('listenererror', listenerError);
    await call.settle();
    call.relay.impair({ blackout: true });
    await untilState(call.server, 'dead');
    expect(fail).toHaveBeenCalledWith(expect.any(Number), WEBRTC);
    expect(fail).toHaveBeenCalledWith(1, { ...WEBRTC, state: 'dead', reason: 'missed-pings' });
    call.end();
    measurement.close();
    expect(listenerError).not.toHaveBeenCalled();
    expect(error).toHaveBeenCalledTimes(1);
    expect(error).toHaveBeenCalledWith(expect.stringContaining('mediasoup-heartbeat'), expect.any(Error));
  });

  it('cannot begin to measure if it creates no instruments, and leaves nothing behind', () => {
    const meter = {
      addBatchObservableCallback() {},
      createHistogram() {
        throw new Error('no histograms');
      },
    } as unknown as Meter;

    expect(() => measureHeartbeats({ meter })).toThrow('no histograms');
    expect(observer.listenerCount('newheartbeat')).toBe(0);
  });
});

describe('bad input', () => {
  it.each<[object, string]>([
    [{ meter: {} }, 'measureHeartbeats(): meter must be a Meter of @opentelemetry/api, got an Object'],
    [{ meter: null }, 'measureHeartbeats(): meter must be a Meter of @opentelemetry/api, got null'],
    [{ metre: 1 }, 'measureHeartbeats(): unknown option metre; known are meter'],
  ])('measureHeartbeats() refuses %o', (options, message) => {
    expect(() => measureHeartbeats(options)).toThrow(TypeError);
    expect(() => measureHeartbeats(options)).toThrow(message);
  });
});
