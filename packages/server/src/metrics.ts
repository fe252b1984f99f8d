import type { Outage, Recovered, Sample, StateChange } from '@mediasoup-heartbeat/protocol';
import { checkOptionNames, listen, show, type Undo } from '@mediasoup-heartbeat/protocol';
import { type BatchObservableCallback, diag, type Meter, metrics } from '@opentelemetry/api';
import type { Heartbeat } from './Heartbeat.ts';
import { type LocalStall, localHealth } from './localHealth.ts';
import { CountedPeer } from './metrics/CountedPeer.ts';
import { createInstruments, enter, type Instruments, observables } from './metrics/instruments.ts';
import { Peers } from './metrics/Peers.ts';
import { reasonLabel } from './metrics/reasonLabel.ts';
import { observer, openHeartbeats } from './observer.ts';
import { VERSION } from './version.ts';

/** Options of `measureHeartbeats()`. */
export type MeasureOptions = {
  /**
   * The meter that creates the instruments. Default: the meter of `@opentelemetry/api`'s global MeterProvider, as it is when
   * `measureHeartbeats()` is called. So set the MeterProvider before.
   */
  meter?: Meter | undefined;
};

/** A running measurement. Made by `measureHeartbeats()`. */
export class HeartbeatMeasurement {
  readonly #instruments: Instruments;
  /** By the type of their transports. */
  readonly #peers = new Map<string, Peers>();
  /** What ends the measurement of each heartbeat. */
  readonly #heartbeats = new Map<Heartbeat, Undo[]>();
  readonly #undos: Undo[] = [];
  #hasFailed = false;
  #closed = false;

  /** @internal */
  constructor(meter: Meter) {
    const instruments = createInstruments(meter);
    const read: BatchObservableCallback = result => {
      for (const peers of this.#peers.values()) {
        peers.observe(result, instruments);
      }
    };

    this.#instruments = instruments;
    meter.addBatchObservableCallback(read, observables(instruments));
    this.#undos.push(
      () => meter.removeBatchObservableCallback(read, observables(instruments)),
      this.#listen(localHealth, 'stall', ({ duration }: LocalStall) => enter(instruments.stall, duration)),
      this.#listen(observer, 'newheartbeat', (heartbeat: Heartbeat) => this.#add(heartbeat)),
    );

    for (const heartbeat of openHeartbeats) {
      this.#add(heartbeat);
    }
  }

  /** Whether it has ended. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Ends it. Heartbeats cost no more than without it, and `peer.count` is 0. The SDK goes on exporting what the other metrics have got so
   * far.
   */
  close(): void {
    if (this.#closed) {
      return;
    }

    this.#closed = true;

    for (const undo of this.#undos) {
      this.#guard(undo);
    }

    for (const heartbeat of this.#heartbeats.keys()) {
      this.#end(heartbeat);
    }

    this.#peers.clear();
  }

  #add(heartbeat: Heartbeat): void {
    // A listener before this one has closed it: its `close` does not come again.
    if (heartbeat.closed) {
      return;
    }

    const { rtt, outage, recovery, changes, peers: counter } = this.#instruments;
    const { type: transport } = heartbeat.transport;
    const { observer: of } = heartbeat;
    const attributes = { transport };
    const peers = this.#peersOn(transport);
    const peer = new CountedPeer(counter, transport);
    const undos = [
      () => peer.is('closed'),
      this.#listen(of, 'sample', (sample: Sample) => enter(rtt, sample.rtt, attributes)),
      this.#listen(of, 'outage', ({ duration }: Outage) => enter(outage, duration, attributes)),
      this.#listen(of, 'recovered', ({ provenIn }: Recovered) => enter(recovery, provenIn, attributes)),
      this.#listen(of, 'statechange', ({ state, previous, reason }: StateChange) => {
        // Another reason for the same state is no further death.
        if (state !== previous) {
          changes.add(1, { ...attributes, state, reason: reasonLabel(reason) });
          peer.is(state);
        }
      }),
      this.#listen(of, 'close', () => {
        peers.delete(heartbeat);
        this.#end(heartbeat);
      }),
    ];

    this.#heartbeats.set(heartbeat, undos);
    peers.add(heartbeat);
    this.#guard(() => peer.is(heartbeat.state));
  }

  #end(heartbeat: Heartbeat): void {
    for (const undo of this.#heartbeats.get(heartbeat) ?? []) {
      this.#guard(undo);
    }

    this.#heartbeats.delete(heartbeat);
  }

  #peersOn(transport: string): Peers {
    let peers = this.#peers.get(transport);

    if (peers === undefined) {
      peers = new Peers(transport);
      this.#peers.set(transport, peers);
      this.#guard(() => CountedPeer.zero(this.#instruments.peers, transport));
    }

    return peers;
  }

  #listen(emitter: Parameters<typeof listen>[0], event: string, listener: (payload: never) => void): Undo {
    return listen(emitter, event, (payload: never) => this.#guard(() => listener(payload)));
  }

  /** A meter that throws is reported to OpenTelemetry, once, and reaches no heartbeat. */
  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!this.#hasFailed) {
        this.#hasFailed = true;
        diag.error('mediasoup-heartbeat: the meter failed. Further failures are not reported.', error);
      }
    }
  }
}

const OPTION_NAMES = { meter: 0 };

/**
 * Measures the heartbeats of this process with OpenTelemetry: those that are open, and those that are attached later. Call it once. A
 * second measurement with the same meter would count everything twice.
 *
 * This entry point needs `@opentelemetry/api`. Without it the import fails, and all other entry points work. Without a MeterProvider the
 * API measures nothing.
 *
 * | metric | kind, unit | attributes besides `transport` (`webrtc`, `plain`, `pipe`) |
 * | --- | --- | --- |
 * | `mediasoup_heartbeat.rtt` | histogram, s | |
 * | `mediasoup_heartbeat.outage.duration` | histogram, s | |
 * | `mediasoup_heartbeat.recovery.duration` | histogram, s | |
 * | `mediasoup_heartbeat.local_stall.duration` | histogram, s | no `transport` either: it is the process's |
 * | `mediasoup_heartbeat.pings` | counter, `{ping}` | `outcome`: `answered`, `lost`, `late` |
 * | `mediasoup_heartbeat.state_changes` | counter, `{change}` | `state`, `reason` |
 * | `mediasoup_heartbeat.peer.count` | up-down counter, `{peer}` | `state` |
 * | `mediasoup_heartbeat.loss` | gauge, 1 | `direction`: `downlink`, `uplink`, `round`; `statistic`: `mean`, `p95`, `max` |
 *
 * @throws TypeError if an option is invalid.
 *
 * @example
 * ```ts
 * import { measureHeartbeats } from '@mediasoup-heartbeat/server/metrics';
 * import { metrics } from '@opentelemetry/api';
 *
 * metrics.setGlobalMeterProvider(meterProvider);
 * measureHeartbeats();
 * ```
 */
export function measureHeartbeats(options: MeasureOptions = {}): HeartbeatMeasurement {
  checkOptionNames('measureHeartbeats()', OPTION_NAMES, options);

  const { meter = metrics.getMeter('@mediasoup-heartbeat/server', VERSION) } = options;

  if (typeof (meter as Partial<Meter> | null)?.addBatchObservableCallback !== 'function') {
    throw new TypeError(
      `measureHeartbeats(): meter must be a Meter of @opentelemetry/api, got ${show(meter)}. Make one with ` +
        "meterProvider.getMeter('name').",
    );
  }

  return new HeartbeatMeasurement(meter);
}
