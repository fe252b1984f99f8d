import { setTimeout as lasting } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import type { DirectionName } from '../../examples/meeting/relay/UdpRelay.ts';
import { Call } from './Call.ts';
import { useRouter } from './useRouter.ts';

// All tests run at the same time: the file takes as long as the longest cut. The settings are the defaults.
vi.setConfig({ maxConcurrency: 50, testTimeout: 180_000 });

const backend = useRouter();

/** The longest cut, in ms. Endless cuts are checked when it is over. */
const LONGEST = 60_000;

/** How many pings both sides exchange before a cut, to learn the path, and again after it. */
const PINGS = 3;

/** How long a packet may take on a busy machine, without the relay, in ms. */
const UNDER_WAY = 1000;

const SUSPECTED = ['suspect: missed-pings', 'alive: recovered'];
const BURIED = ['suspect: missed-pings', 'dead: missed-pings'];
const RISEN = [...BURIED, 'alive: recovered'];

/** A call that is cut for a time, in both directions or in one. */
async function cut(
  ms: number,
  ...directions: DirectionName[]
): Promise<{ call: Call; from: number; to: number }> {
  const call = await Call.begin(backend.router);

  await call.pings(PINGS);

  const from = performance.timeOrigin + performance.now();

  call.relay.impair({ blackout: true }, ...directions);
  await lasting(ms);

  return { call, from, to: performance.timeOrigin + performance.now() };
}

/** Restores the path, and returns when both sides are alive and pings are answered again. */
async function restore(
  { call, from, to }: Awaited<ReturnType<typeof cut>>,
  restartIce = false,
): Promise<Call> {
  const stale: number[] = [];

  call.onsample((_, { at, rtt }) => {
    const sentAt = at - rtt;

    if (sentAt > from + UNDER_WAY && sentAt < to - UNDER_WAY) {
      stale.push(rtt);
    }
  });

  call.relay.impair({ blackout: false });

  if (restartIce) {
    await call.restartIce();
  }

  await call.both('alive');
  await call.pings(PINGS);
  // No ping from the time of the cut was answered, and no answer to one was accepted.
  expect(stale).toEqual([]);
  expect(call.server.stats.late).toBe(0);
  expect([call.server.state, call.client.state]).toEqual(['alive', 'alive']);

  return call;
}

describe.concurrent('a cut in both directions', () => {
  it.each([1, 2, 3])('a cut of 1 s makes nobody dead and is hardly noticed (client %i)', async () => {
    const call = await restore(await cut(1000));

    expect([[], SUSPECTED]).toContainEqual(call.said.server);
    expect([[], SUSPECTED]).toContainEqual(call.said.client);
    call.end();
  });

  it.each([1, 2, 3])('a cut of 4 s makes both sides suspect and neither dead (client %i)', async () => {
    let broken = await cut(4000);

    // A busy machine wakes late. A longer cut is another outage, and may be a death.
    while (broken.to - broken.from > 4000 + 100) {
      broken.call.end();
      broken = await cut(4000);
    }

    const call = await restore(broken);

    call.expectSaid(SUSPECTED, SUSPECTED);
    call.end();
  });

  it.each([1, 2])(
    'a cut of 12 s makes both sides dead, and they recover by themselves (client %i)',
    async () => {
      const call = await restore(await cut(12_000));

      call.expectSaid(RISEN, RISEN);
      call.end();
    },
  );

  // The browser has given up its connection, or is about to. Only an ICE restart brings it back.
  it.each([30_000, LONGEST])('a cut of %i ms makes both sides dead until ICE is restarted', async ms => {
    const broken = await cut(ms);

    expect(broken.call.said).toEqual({ server: BURIED, client: BURIED });

    const call = await restore(broken, true);

    call.expectSaid(RISEN, RISEN);
    call.end();
  });

  it('an endless cut makes both sides dead for good', async () => {
    const { call } = await cut(LONGEST);

    call.expectSaid(BURIED, BURIED);
    call.end();
  });
});

describe.concurrent('a cut of the uplink only', () => {
  it('a 12 s uplink cut makes the client dead, and the server’s reports tell the client', async () => {
    const broken = await cut(12_000, 'uplink');

    expect(broken.call.said.server).toEqual(BURIED);
    expect(broken.call.said.client.join()).not.toContain('dead');
    expect(broken.call.client.report?.state).toBe('dead');

    const call = await restore(broken);

    expect(call.said.server).toEqual(RISEN);
    expect(call.said.client.join()).not.toContain('dead');
    call.end();
  });

  it('an endless uplink cut makes the server dead for the client once its connection has failed', async () => {
    const { call } = await cut(LONGEST, 'uplink');

    expect(call.said.server).toEqual(BURIED);
    // Which comes first depends on how libwebrtc gives the connection up.
    expect(['dead: connection-failed', 'dead: ice-disconnected', 'dead: missed-pings']).toContain(
      call.said.client.at(-1),
    );
    call.end();
  });
});

describe.concurrent('a cut of the downlink only', () => {
  it('a 12 s downlink cut makes both sides dead, because the client says that it hears nothing', async () => {
    const broken = await cut(12_000, 'downlink');

    expect(broken.call.said.client).toEqual(BURIED);
    expect(broken.call.said.server.slice(-2)).toEqual(['suspect: downlink-lost', 'dead: downlink-lost']);

    const call = await restore(broken);

    expect(call.said.client).toEqual(RISEN);
    expect(call.said.server.filter(said => said.startsWith('alive'))).toEqual(['alive: recovered']);
    call.end();
  });

  it('an endless downlink cut makes both sides dead for good', async () => {
    const { call } = await cut(LONGEST, 'downlink');

    expect(call.said.client).toEqual(BURIED);
    expect(call.said.server.at(-1)).toBe('dead: downlink-lost');
    expect(call.said.server.filter(said => said.startsWith('dead'))).toHaveLength(1);
    call.end();
  });

  it.each([1, 2, 3])('a 4 s downlink cut makes both sides suspect and neither dead (client %i)', async () => {
    const call = await restore(await cut(4000, 'downlink'));

    expect(call.said.server).toContain('suspect: downlink-lost');
    expect(call.said.server.at(-1)).toBe('alive: recovered');
    expect([...call.said.server, ...call.said.client].join()).not.toContain('dead');
    call.end();
  });
});

it.concurrent('a client that is not cut does not notice the cuts of others', async () => {
  const call = await Call.begin(backend.router);

  await lasting(LONGEST);
  await call.pings(PINGS);
  call.expectSaid([], []);
  expect([call.server.stats.lost, call.client.stats.lost]).toEqual([0, 0]);
  call.end();
});
