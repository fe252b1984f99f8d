import type { StateChange, TransportHeartbeat } from '@mediasoup-heartbeat/client';
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { Channel } from '../../packages/server/src/Channel.ts';
import { until, untilState } from '../harness/events.ts';
import { App, type Link } from './App.ts';
import { type Source, startSource } from './Source.ts';

type Heartbeats = NonNullable<App['heartbeats']>;

let source: Source;
let app: App;
let heartbeats: Heartbeats;
/** Two transports that are alive. */
let send: Link;
let recv: Link;

beforeAll(async () => {
  source = await startSource();
});

afterAll(() => source.worker.close());

beforeEach(async () => {
  app = new App(source, { serverSide: true, clientSide: true });
  heartbeats = app.heartbeats as Heartbeats;
  await app.load();
  [send, recv] = await Promise.all([app.createUsualLink('send'), app.createUsualLink('recv')]);
  await Promise.all([send, recv].map(link => untilState(app.heartbeatOf(link), 'alive')));
});

afterEach(() => app.close());

/** Records the changes from now on, for each event. */
function story(heartbeat: Heartbeats | TransportHeartbeat): string[] {
  const told: string[] = [];

  for (const event of ['statechange', 'alive', 'suspect', 'dead', 'close'] as const) {
    (heartbeat as Heartbeats).on(event, ({ previous, state, reason }: StateChange) =>
      told.push(`${event}: ${previous} to ${state}${state === 'closed' ? `, ${reason}` : ''}`),
    );
  }

  return told;
}

test('a device that is closed while a transport is dead emits only that it is closed', async () => {
  send.server.close();
  await untilState(heartbeats, 'dead');

  const told = story(heartbeats);

  heartbeats.close();
  expect(told).toEqual([
    'statechange: dead to closed, heartbeat-closed',
    'close: dead to closed, heartbeat-closed',
  ]);
  expect(heartbeats.transports.size).toBe(0);
  expect(app.heartbeatOf(recv)).toBeUndefined();
});

test('a listener can close the device when it is told that the device is dead', async () => {
  heartbeats.on('statechange', ({ state }) => state === 'dead' && heartbeats.close());

  const told = story(heartbeats);

  send.server.close();
  await untilState(heartbeats, 'closed');
  expect(told).toEqual([
    'statechange: alive to dead',
    'dead: alive to dead',
    'statechange: dead to closed, heartbeat-closed',
    'close: dead to closed, heartbeat-closed',
  ]);
});

test('a transport that a listener closes on its death emits “dead” before “close”', async () => {
  const heartbeat = app.heartbeatOf(send);

  heartbeat.on('statechange', ({ state }) => {
    if (state === 'dead') {
      send.client.close();
      // The properties change at once. Only the events wait.
      expect(heartbeat.closed).toBe(true);
    }
  });

  const told = story(heartbeat);
  const toldOfDevice = story(heartbeats);

  send.server.close();
  await untilState(heartbeat, 'closed');
  expect(told).toEqual([
    'statechange: alive to dead',
    'dead: alive to dead',
    'statechange: dead to closed, transport-closed',
    'close: dead to closed, transport-closed',
  ]);
  expect(toldOfDevice).toEqual([
    'statechange: alive to dead',
    'dead: alive to dead',
    'statechange: dead to alive',
    'alive: dead to alive',
  ]);
});

test('a device whose last transport has closed is in the state of a new one', () => {
  send.client.close();
  expect(heartbeats.state).toBe('alive');
  recv.client.close();
  expect([heartbeats.state, heartbeats.reason]).toEqual(['pending', 'new']);
});

/** The event of the handler when its connection fails, which would take half a minute by itself. */
function failConnection(link: Link): void {
  (link.client.handler as unknown as { emit(event: string, state: string): void }).emit(
    '@connectionstatechange',
    'failed',
  );
}

/** Comes back when the last ping has reached the client. */
async function stopPings({ heartbeat }: Link): Promise<void> {
  const drop = vi.spyOn(Channel.prototype, 'send').mockImplementation(() => {});

  onTestFinished(() => drop.mockRestore());

  if (heartbeat !== undefined) {
    const { sent } = heartbeat.stats;

    await until(heartbeat, 'sample', () => heartbeat.stats.received >= sent);
  }
}

test('a pending reason is emitted once, even if the transport was refused first and failed then', async () => {
  const link = await app.createLink('send');
  const heartbeat = app.heartbeatOf(link);
  const told: string[] = [];

  heartbeat.on('statechange', ({ state, reason }) => told.push(`${state}: ${reason}`));
  link.client.on('connect', (_event, _callback, errback) => errback(new Error('offline')));
  await until(heartbeat, 'statechange', () => heartbeat.reason === 'not-connected');
  failConnection(link);
  expect(told).toEqual(['pending: not-connected']);
});

test('figures are not told to anybody after a listener has closed the heartbeat', async () => {
  const heartbeat = app.heartbeatOf(send);
  const other = app.heartbeatOf(recv);
  const told: string[] = [];

  heartbeat.on('close', () => told.push('close'));
  heartbeat.on('stats', () => told.push('stats'));
  heartbeat.observer.on('stats', () => heartbeat.close());
  await untilState(heartbeat, 'closed');
  expect(told).toEqual(['close']);

  // Its connection fails in an interruption. At the end of that it is dead, as no ping has shown that it is up again.
  await stopPings(recv);
  other.on('dead', () => other.close());
  other.expectInterruption(100);
  failConnection(recv);
  other.on('close', () => told.push('close'));
  other.on('stats', () => told.push('stats'));
  await untilState(other, 'closed');
  expect(other.reason).toBe('heartbeat-closed');
  expect(told).toEqual(['close', 'close']);
});

test('an interruption is refused whose duration is no number', () => {
  const heartbeat = app.heartbeatOf(send);

  expect(() => heartbeat.expectInterruption('5000' as unknown as number)).toThrow(
    "duration must be a number from 100 to 120000 (ms), got the string '5000'",
  );
});
