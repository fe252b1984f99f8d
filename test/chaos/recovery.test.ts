import { setTimeout as lasting } from 'node:timers/promises';
import type { Recovered, Recovering, RecoverOptions } from '@mediasoup-heartbeat/client';
import { describe, expect, it, vi } from 'vitest';
import { until } from '../harness/events.ts';
import { Call, type CallOptions } from './Call.ts';
import { useRouter } from './useRouter.ts';

// Real libwebrtc peers behind a relay. A client that leaves its network is heard from new ports only: without an ICE restart it is gone.

vi.setConfig({ maxConcurrency: 50, testTimeout: 120_000 });

const backend = useRouter();

/** A call of a client that restores its path by itself. */
async function begin(options: CallOptions = {}, recover: true | RecoverOptions = true): Promise<Call> {
  const call = await Call.begin(backend.router, { ...options, client: { ...options.client, recover } });

  await call.pings(2);

  return call;
}

/** The next event of the client's recovery. */
function next(call: Call, event: 'recovered'): Promise<Recovered>;
function next(call: Call, event: 'recovering'): Promise<Recovering>;
function next(call: Call, event: 'recovered' | 'recovering'): Promise<unknown> {
  return new Promise(resolve => {
    call.client.once(event as 'recovered', resolve);
  });
}

/** All causes of restarts from now on. */
function causes(call: Call): string[] {
  const seen: string[] = [];

  call.client.on('recovering', ({ cause }) => seen.push(cause));

  return seen;
}

// Each handler runs on libwebrtc, whatever browser it is made for.
const HANDLERS = [
  ['current', 'Chrome111'],
  ['current', 'Chrome74'],
  ['current', 'Firefox120'],
  ['current', 'Safari12'],
  ['current', 'ReactNative106'],
  ['oldest', 'Chrome111'],
] as const;

describe.concurrent.each(HANDLERS)(
  'with the %s mediasoup-client and its handler %s',
  (version, handlerName) => {
    it.each(['send', 'recv'] as const)(
      'a client that changes its network keeps its call on a %s transport, again and again, without signalling',
      async direction => {
        const call = await begin({ direction, version, handlerName });
        const { usernameFragment } = call.transport.iceParameters;

        for (let walk = 0; walk < 3; walk++) {
          const recovered = next(call, 'recovered');
          const before = call.transport.iceSelectedTuple?.remotePort;

          call.relay.leaveNetwork();

          const { attempts, outage, provenIn, restoredIn } = await recovered;

          expect(attempts).toBeGreaterThan(0);
          expect(provenIn).toBeLessThanOrEqual(outage);
          expect(restoredIn ?? 0).toBeLessThanOrEqual(provenIn);
          expect(call.client.recovering).toBe(false);
          await call.both('alive');
          await call.pings(2);
          expect(call.transport.iceSelectedTuple?.remotePort).not.toBe(before);
        }

        // The server has given no new parameters.
        expect(call.transport.iceParameters.usernameFragment).toBe(usernameFragment);
        expect(call.server.stats.malformed).toBe(0);
        call.end();
      },
    );
  },
);

describe.concurrent('recovery', () => {
  it('nothing is restarted without `recover`', async () => {
    const call = await Call.begin(backend.router);
    const restarts = causes(call);
    const restartIce = vi.spyOn(call.peer.handler, 'restartIce');

    await call.pings(2);
    call.relay.leaveNetwork();
    call.device.networkChanged();
    await call.both('dead');
    expect(restarts).toEqual([]);
    expect(restartIce).not.toHaveBeenCalled();
    restartIce.mockRestore();
    call.end();
  });

  it.each(['send', 'recv'] as const)(
    'nothing is restarted on a healthy path, whatever the application announces (%s)',
    async direction => {
      const call = await begin({ direction });
      const restarts = causes(call);

      for (let round = 0; round < 4; round++) {
        call.device.networkChanged();
        await call.pings(1);
      }

      await call.pings(3);
      expect(restarts, call.log).toEqual([]);
      call.expectSaid([], []);
      call.end();
    },
  );

  it('an application that knows of the change does not wait for a missing ping', async () => {
    const call = await begin();
    const recovering = next(call, 'recovering');

    call.relay.leaveNetwork();
    call.device.networkChanged();

    const recovered = next(call, 'recovered');

    expect((await recovering).cause).toBe('network-changed');
    await recovered;
    await call.both('alive');
    call.end();
  });

  it('a client that is without a network for 12 s is back, and dead meanwhile', async () => {
    const call = await begin();

    call.relay.impair({ blackout: true });
    await call.both('dead');
    await lasting(12_000);
    call.relay.leaveNetwork();
    call.relay.impair({ blackout: false });
    await call.both('alive');
    expect(call.said.server.at(-1)).toBe('alive: recovered');
    call.end();
  });

  it('a connection never fails while it is being restored, and a failed one is restored, too', async () => {
    const call = await begin({}, { giveUpAfter: 20_000 });
    const failed = until(call.peer, 'connectionstatechange', () => call.peer.connectionState === 'failed');
    const gaveUp = new Promise<string>(resolve => {
      call.client.once('recoveryfailed', () => resolve(call.peer.connectionState));
    });

    call.relay.impair({ blackout: true });
    // By itself it would have failed by now.
    expect(await gaveUp).not.toBe('failed');
    await failed;

    const recovered = next(call, 'recovered');

    call.relay.impair({ blackout: false });
    call.device.networkChanged();
    await recovered;
    await call.both('alive');
    await call.pings(2);
    call.end();
  });

  it('it is given up after the time that the application has set, and a path that returns is noticed', async () => {
    const call = await begin({}, { giveUpAfter: 10_000 });
    const failed = new Promise(resolve => {
      call.client.once('recoveryfailed', resolve);
    });
    const told = new Promise(resolve => {
      call.device.once('recoveryfailed', (_, heartbeat) => resolve(heartbeat));
    });

    call.relay.impair({ blackout: true });
    expect(await failed).toMatchObject({ reason: 'gave-up' });
    expect(await told).toBe(call.client);
    expect(call.client.recovering).toBe(false);

    const recovered = next(call, 'recovered');

    call.relay.impair({ blackout: false });
    call.device.networkChanged();
    await recovered;
    await call.both('alive');
    call.end();
  });
});
