import type { Histogram, Meter, MetricOptions, Observable } from '@opentelemetry/api';

/** Where the buckets of the histograms end, in s: from a LAN to where a path is of no use. */
const RTT_BUCKETS = [0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10];
const OUTAGE_BUCKETS = [1, 2, 3, 4, 5, 7.5, 10, 15, 20, 30, 60, 120, 300, 600];
const RECOVERY_BUCKETS = [0.25, 0.5, 1, 2, 3, 4, 5, 7.5, 10, 15, 20, 30, 60, 120];
const STALL_BUCKETS = [0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 2, 3, 5, 10, 30];

/** Creates the instruments. They are named by OpenTelemetry's conventions. */
export function createInstruments(meter: Meter) {
  return {
    rtt: meter.createHistogram(
      'mediasoup_heartbeat.rtt',
      seconds('Round-trip time of a ping, without the time the client held it.', RTT_BUCKETS),
    ),
    outage: meter.createHistogram(
      'mediasoup_heartbeat.outage.duration',
      seconds('How long no ping came through, of outages that are over.', OUTAGE_BUCKETS),
    ),
    recovery: meter.createHistogram(
      'mediasoup_heartbeat.recovery.duration',
      seconds('How long a silent client took to come back on another path.', RECOVERY_BUCKETS),
    ),
    stall: meter.createHistogram(
      'mediasoup_heartbeat.local_stall.duration',
      seconds('How long this process stood still.', STALL_BUCKETS),
    ),
    changes: meter.createCounter('mediasoup_heartbeat.state_changes', {
      description: 'Changes of the state of a peer, by the new state and the reason.',
      unit: '{change}',
    }),
    pings: meter.createObservableCounter('mediasoup_heartbeat.pings', {
      description:
        'Pings by outcome: answered within 3 s, lost (not within 3 s), late (lost, and answered after all).',
      unit: '{ping}',
    }),
    peers: meter.createUpDownCounter('mediasoup_heartbeat.peer.count', {
      description: 'Peers with an open heartbeat, by state.',
      unit: '{peer}',
    }),
    loss: meter.createObservableGauge('mediasoup_heartbeat.loss', {
      description:
        'Loss of pings in the last two minutes, over all peers: mean, 95th percentile and maximum. 0 without peers.',
      unit: '1',
    }),
  };
}

/** The instruments of one measurement. */
export type Instruments = ReturnType<typeof createInstruments>;

/** Those that are read when metrics are collected. */
export function observables({ pings, loss }: Instruments): Observable[] {
  return [pings, loss];
}

function seconds(description: string, explicitBucketBoundaries: number[]): MetricOptions {
  return { description, unit: 's', advice: { explicitBucketBoundaries } };
}

/** Enters a duration, given in ms. */
export function enter(histogram: Histogram, ms: number, attributes?: Readonly<Record<string, string>>): void {
  histogram.record(ms / 1000, attributes);
}
