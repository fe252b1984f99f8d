import { enableHeartbeat } from '@mediasoup-heartbeat/client';
import { decodeFrame } from '@mediasoup-heartbeat/protocol';
import wrtc from '@roamhq/wrtc';
import type { types } from 'mediasoup-client';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { until, untilState } from '../harness/events.ts';
import { createDevice } from '../harness/peer.ts';
import { App, type Link } from './App.ts';
import { type Source, startSource } from './Source.ts';

/** The part of a page that the client side uses. */
class Page {
  readonly document: EventTarget & { visibilityState: string } = Object.assign(new EventTarget(), {
    visibilityState: 'visible',
  });
  readonly window = new EventTarget();

  show(state: 'visible' | 'hidden'): void {
    this.document.visibilityState = state;
    this.document.dispatchEvent(new Event('visibilitychange'));
  }

  pageshow(persisted: boolean): void {
    this.window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted }));
  }
}

let source: Source;
let page: Page;
let app: App;
let link: Link;
let server: NonNullable<Link['heartbeat']>;

beforeAll(async () => {
  source = await startSource();
});

afterAll(() => source.worker.close());

beforeEach(async () => {
  page = new Page();
  vi.stubGlobal('document', page.document);
  vi.stubGlobal('addEventListener', page.window.addEventListener.bind(page.window));
  app = new App(source, { serverSide: true, clientSide: true });
  await app.load();
  link = await app.createUsualLink('recv');
  server = link.heartbeat as NonNullable<Link['heartbeat']>;
  await Promise.all([untilState(app.heartbeatOf(link), 'alive'), untilState(server, 'alive')]);
});

afterEach(() => {
  app.close();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

test('a page that is closed says goodbye', async () => {
  page.window.dispatchEvent(new Event('pagehide'));
  await untilState(server, 'dead');
  expect(server.reason).toBe('goodbye');
});

test('a page that comes back from the back/forward cache is alive again', async () => {
  page.window.dispatchEvent(new Event('pagehide'));
  await untilState(server, 'dead');
  page.pageshow(false);
  expect(server.state).toBe('dead');
  page.pageshow(true);
  await untilState(server, 'alive');
  expect(app.heartbeatOf(link).state).toBe('alive');
});

test('a page in the background announces it and stays alive', async () => {
  page.show('hidden');
  await until(server, 'sample', () => server.stats.hidden);
  expect(app.heartbeatOf(link).stats.hidden).toBe(true);
  expect(server.state).toBe('alive');
  page.show('visible');
  await until(server, 'sample', () => !server.stats.hidden);
});

test('a transport that is created in a background page is hidden from the start', async () => {
  page.show('hidden');

  const later = await app.createUsualLink('recv');
  const heartbeat = later.heartbeat as NonNullable<Link['heartbeat']>;

  await until(heartbeat, 'sample', () => heartbeat.stats.hidden);
});

test('a page in the background is known to be hidden even if the hello that says so is lost', async () => {
  const { prototype } = wrtc.RTCDataChannel;
  const { send } = prototype;
  const lost: string[] = [];

  // On a busy machine the channel may open before the server's return stream. The worker drops frames until then.
  vi.spyOn(prototype, 'send').mockImplementation(function (this: RTCDataChannel, data) {
    const { type } = decodeFrame(data as unknown as Uint8Array, 1);

    if (type === 'hello') {
      lost.push(type);
    } else {
      send.call(this, data);
    }
  });
  page.show('hidden');

  const later = await app.createUsualLink('recv');
  const heartbeat = later.heartbeat as NonNullable<Link['heartbeat']>;

  await until(heartbeat, 'sample', () => heartbeat.stats.hidden);
  expect(lost).not.toEqual([]);
});

test('a frozen page announces it and is alive again when it runs', async () => {
  page.document.dispatchEvent(new Event('freeze'));
  await until(server, 'statechange', () => server.reason === 'page-frozen');
  page.document.dispatchEvent(new Event('resume'));
  await untilState(server, 'alive');
});

/** The frames that the server gets from now on, by their types. */
function heardByServer(): string[] {
  const { prototype } = wrtc.RTCDataChannel;
  const { send } = prototype;
  const types: string[] = [];

  vi.spyOn(prototype, 'send').mockImplementation(function (this: RTCDataChannel, data) {
    types.push(decodeFrame(data as unknown as Uint8Array, 1).type);
    send.call(this, data);
  });

  return types;
}

test.each(['offline', 'online'])('a page that goes %s makes sure at once', hint => {
  const sent = heardByServer();

  page.window.dispatchEvent(new Event(hint));
  expect(sent).toEqual(['hello']);
});

test('a page whose connection changes makes sure at once', async () => {
  const connection = new EventTarget();

  app.close();
  vi.stubGlobal('navigator', { connection });
  app = new App(source, { serverSide: true, clientSide: true });
  await app.load();
  link = await app.createUsualLink('recv');
  await untilState(app.heartbeatOf(link), 'alive');

  const sent = heardByServer();

  connection.dispatchEvent(new Event('change'));
  expect(sent).toEqual(['hello']);
});

test('a page that runs again after it was frozen says so, and makes sure at once', async () => {
  page.document.dispatchEvent(new Event('freeze'));
  await until(server, 'statechange', () => server.reason === 'page-frozen');

  const sent = heardByServer();

  page.document.dispatchEvent(new Event('resume'));
  expect(sent).toEqual(['resumed', 'hello']);
});

test('a hint of the network alone changes no state', async () => {
  const changed = vi.fn();
  const heartbeat = app.heartbeatOf(link);

  heartbeat.on('statechange', changed);
  server.on('statechange', changed);
  page.window.dispatchEvent(new Event('offline'));
  await new Promise(resolve => heartbeat.once('sample', resolve));
  expect(changed).not.toHaveBeenCalled();
});

test.each([
  ['restarts ICE at once if the server was not heard meanwhile', false],
  ['checks the path first if the server was heard meanwhile', true],
])('a page that is online again %s', async (_, isHeard) => {
  app.close();
  app = new App(source, { serverSide: true, clientSide: true, recover: true });
  await app.load();
  link = await app.createUsualLink('recv');

  const heartbeat = app.heartbeatOf(link);

  await untilState(heartbeat, 'alive');
  page.window.dispatchEvent(new Event('offline'));

  const { lastSeenAt } = heartbeat.stats;

  if (isHeard) {
    await until(heartbeat, 'sample', () => heartbeat.stats.lastSeenAt !== lastSeenAt);
  }

  page.window.dispatchEvent(new Event('online'));
  expect(heartbeat.recovering).toBe(!isHeard);
});

test('a closed heartbeat no longer listens to page events', () => {
  const remaining = vi.fn();
  const heartbeats = enableHeartbeat(createDevice() as types.Device);

  vi.spyOn(page.document, 'addEventListener');
  heartbeats.on('statechange', remaining);
  heartbeats.close();
  page.show('hidden');
  expect(remaining).toHaveBeenCalledOnce();
});

test('the device has the state of its worst transport', async () => {
  const other = await app.createUsualLink('recv');
  const heartbeats = app.heartbeats as NonNullable<App['heartbeats']>;

  await untilState(app.heartbeatOf(other), 'alive');
  expect([heartbeats.state, heartbeats.reason]).toEqual(['alive', 'first-ping']);

  const deaths: unknown[] = [];

  heartbeats.on('dead', ({ state, previous }) => deaths.push([previous, state]));
  other.server.close();
  await untilState(heartbeats, 'dead');
  expect(deaths).toEqual([['alive', 'dead']]);
  other.client.close();
  expect(heartbeats.state).toBe('alive');
  expect([...heartbeats.transports.keys()]).toEqual([link.client.id]);
});

test('stats are emitted once a second while somebody listens', async () => {
  const heartbeat = app.heartbeatOf(link);
  const first = await new Promise<{ received: number }>(resolve => heartbeat.once('stats', resolve));

  expect(first.received).toBeGreaterThan(0);
  await until(heartbeat, 'sample', () => heartbeat.stats.rtt.smoothed !== undefined);
  expect(JSON.parse(JSON.stringify(heartbeat.stats)).rtt.smoothed).toBeGreaterThanOrEqual(0);
});
