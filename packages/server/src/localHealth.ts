import { type HealthChange, LocalHealth } from '@mediasoup-heartbeat/protocol';
import type { Worker } from 'mediasoup/types';
import { EnhancedEventEmitter } from './EnhancedEventEmitter.ts';
import { stateLog } from './logs.ts';
import { shared } from './shared.ts';

/** What {@link localHealth} tells the operator. */
export type LocalHealthReport = {
  /** Which peers fell silent: those of one worker, or those of the whole process. */
  scope: 'worker' | 'process';
  /** That worker. `undefined` for the process, and if the application passed the Router itself. */
  worker: Worker | undefined;
  /** How many live peers there are. */
  peers: number;
  /** How many of them are silent. */
  silent: number;
  /** When, in ms (see `StateChange.at`). */
  at: number;
};

/** The events of {@link localHealth}. */
export type LocalHealthEvents = {
  /** Most peers fell silent at the same moment: deaths wait for the hard limit (`server-network`). */
  unwell: [LocalHealthReport];
  /** They answer again, or are gone. */
  well: [LocalHealthReport];
  /** This process stood still for more than 100 ms, for example in a blocked event loop. No peer is judged by that time. */
  stall: [LocalStall];
};

/** A time in which this process stood still. */
export type LocalStall = {
  /** How long, in ms, from the moment at which a heartbeat should have done something. */
  duration: number;
  /** When it was over, in ms (see `StateChange.at`). */
  at: number;
};

/**
 * Emits an event if the server's own network is the likely cause of many silences, and another when that is over. And one after each time
 * in which the process stood still while it had heartbeats.
 */
export const localHealth: EnhancedEventEmitter<LocalHealthEvents> = shared(
  'localHealth',
  () => new EnhancedEventEmitter(),
);

const ofProcess = new LocalHealth(change => tell('process', undefined, change));
const ofWorkers = new WeakMap<Worker, LocalHealth>();

/** Where the heartbeats of a worker report silences: one record for the worker, one for the whole process. */
export function healthOf(worker: Worker | undefined): LocalHealth[] {
  if (worker === undefined) {
    return [ofProcess];
  }

  let health = ofWorkers.get(worker);

  if (health === undefined) {
    health = new LocalHealth(change => tell('worker', worker, change));
    ofWorkers.set(worker, health);
  }

  return [health, ofProcess];
}

function tell(
  scope: LocalHealthReport['scope'],
  worker: Worker | undefined,
  { isWell, ...figures }: HealthChange,
): void {
  stateLog('%s %s is %s, %j', scope, worker?.pid ?? process.pid, isWell ? 'well' : 'unwell', figures);
  localHealth.safeEmit(isWell ? 'well' : 'unwell', { scope, worker, ...figures });
}
