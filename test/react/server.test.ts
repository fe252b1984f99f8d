import type { DeviceHeartbeat } from '@mediasoup-heartbeat/client';
import { createElement, StrictMode } from 'react';
import { renderToString } from 'react-dom/server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { App } from '../client/App.ts';
import { type Source, startSource } from '../client/Source.ts';
import { untilState } from '../harness/events.ts';
import { Room } from './Room.tsx';

let source: Source;

beforeAll(async () => {
  source = await startSource();
});

afterAll(() => source.worker.close());

const render = (heartbeats?: DeviceHeartbeat | null) =>
  renderToString(createElement(StrictMode, null, createElement(Room, { heartbeats })));
const texts = (html: string) =>
  [...html.matchAll(/<p id="(\w+)">(.*?)<\/p>/g)].map(([, id, text]) => [id, text]);

const NOTHING = [
  ['state', 'pending'],
  ['quality', 'unknown none unknown'],
  ['transports', ''],
  ['figures', 'undefined'],
  ['known', 'undefined'],
];

it('the hooks render on a server, where there is no window and no heartbeat', () => {
  expect(typeof window).toBe('undefined');
  expect(texts(render())).toEqual(NOTHING);
  expect(texts(render(null))).toEqual(NOTHING);
});

it('the hooks render the same on a server for a heartbeat that is alive, and listen to nothing', async () => {
  const app = new App(source, { serverSide: true, clientSide: true });

  await app.load();

  const link = await app.createUsualLink('send');
  const heartbeats = app.heartbeats as DeviceHeartbeat;
  const heartbeat = app.heartbeatOf(link);
  const listeners = () => [
    heartbeats.observer.listenerCount('statechange'),
    heartbeats.observer.listenerCount('newtransport'),
    heartbeat.observer.listenerCount('stats'),
    heartbeat.observer.listenerCount('statechange'),
  ];

  await untilState(heartbeats, 'alive');

  const before = listeners();

  expect(texts(render(heartbeats))).toEqual(NOTHING);
  expect(listeners()).toEqual(before);
  app.close();
});
