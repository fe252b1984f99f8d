import type { StateChange } from '@mediasoup-heartbeat/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { until, untilState } from '../harness/events.ts';
import { App, type Link } from './App.ts';
import { type Source, startSource } from './Source.ts';

let source: Source;
let app: App;
let link: Link;

beforeAll(async () => {
  source = await startSource();
});

afterAll(() => source.worker.close());

beforeEach(async () => {
  app = new App(source, { serverSide: true, clientSide: true });
  await app.load();
  link = await app.createUsualLink('send');
});

afterEach(() => app.close());

/** What the three kinds of heartbeat have in common. */
type Store = {
  readonly subscribe: (listener: () => void) => () => void;
  readonly getSnapshot: () => Readonly<StateChange>;
  readonly state: string;
  close(): void;
  on(event: 'statechange', listener: (change: StateChange) => void): unknown;
  off(event: 'statechange', listener: (change: StateChange) => void): unknown;
};

describe.each<[string, () => Store]>([
  ['the server’s heartbeat', () => link.heartbeat as Store],
  ['the heartbeat of a client’s transport', () => app.heartbeatOf(link)],
  ['the heartbeat of a device', () => app.heartbeats as Store],
])('%s', (_name, get) => {
  let store: Store;

  beforeEach(() => {
    store = get();
  });

  it('has a snapshot before the first change', () => {
    const { getSnapshot } = store;

    expect(getSnapshot()).toMatchObject({ state: 'pending', reason: 'new', at: expect.any(Number) });
    expect(getSnapshot()).toBe(getSnapshot());
  });

  it('returns the same frozen snapshot until the state changes', async () => {
    const { getSnapshot } = store;
    const before = getSnapshot();

    await untilState(store, 'alive');

    const alive = getSnapshot();

    expect(alive).not.toBe(before);
    expect(alive).toMatchObject({ state: 'alive', previous: 'pending' });
    expect(getSnapshot()).toBe(alive);
    expect(Object.isFrozen(alive)).toBe(true);
  });

  it('keeps its snapshot if a listener writes to the change that it got', async () => {
    store.on('statechange', change => {
      change.reason = 'goodbye';
    });
    await untilState(store, 'alive');
    expect(store.getSnapshot().reason).toMatch(/^first-/);
  });

  it('calls each subscriber after the snapshot has changed, and also for the last change', async () => {
    const { subscribe, getSnapshot } = store;
    const seen: string[] = [];

    subscribe(() => seen.push(getSnapshot().state));
    await untilState(store, 'alive');
    store.close();
    expect(seen).toEqual(['alive', 'closed']);
    expect(getSnapshot()).toMatchObject({ state: 'closed', reason: 'heartbeat-closed' });
  });

  it('ends one subscription only, even if the same function subscribed twice', async () => {
    const listener = vi.fn();
    const end = store.subscribe(listener);

    store.subscribe(listener);
    end();
    end();
    await untilState(store, 'alive');
    expect(listener).toHaveBeenCalledTimes(1);
  });
});

it('a subscriber that throws does not keep the others from being called', async () => {
  const heartbeat = link.heartbeat as NonNullable<Link['heartbeat']>;
  const errors = vi.fn();
  const other = vi.fn();

  heartbeat.observer.on('listenererror', errors);
  heartbeat.subscribe(() => {
    throw new Error('mine');
  });
  heartbeat.subscribe(other);
  await until(heartbeat, 'alive', () => heartbeat.state === 'alive');
  expect(other).toHaveBeenCalledOnce();
  expect(errors).toHaveBeenCalledWith('statechange', expect.objectContaining({ message: 'mine' }));
});
