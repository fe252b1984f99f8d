import { setTimeout as lasting } from 'node:timers/promises';
import type { Recovered, Recovering, RecoverOptions } from '@mediasoup-heartbeat/client';
import type { Cleanup } from '@mediasoup-heartbeat/server';
import type { types as server } from 'mediasoup';
import type { types as client } from 'mediasoup-client';
import { describe, expect, it, vi } from 'vitest';
import { internalsOf } from '../../packages/client/src/handler.ts';
import { until, untilState } from '../harness/events.ts';
import { overTheWire } from '../harness/overTheWire.ts';
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

/** All data channels that a client has made. libwebrtc keeps them open when a connection fails. */
const channels: Array<{ connection: RTCPeerConnection; channel: RTCDataChannel }> = [];

const { createDataChannel } = RTCPeerConnection.prototype;

vi.spyOn(RTCPeerConnection.prototype, 'createDataChannel').mockImplementation(function (
  this: RTCPeerConnection,
  ...args
) {
  const channel = createDataChannel.apply(this, args);

  channels.push({ connection: this, channel });

  return channel;
});

function closeChannels(call: Call): void {
  for (const { connection, channel } of channels) {
    if (connection === internalsOf(call.peer)?.connection) {
      // Its own close() would wait for the server.
      channel.dispatchEvent(new Event('close'));
    }
  }
}

/** An operation of the application that waits for its signalling. */
function beginOperation(call: Call): { answer: () => void; operation: Promise<unknown> } {
  let answer = () => {};

  call.peer.on('producedata', (_, callback) => {
    answer = () => callback({ id: 'id' });
  });

  const operation = call.peer.produceData({});

  operation.catch(() => {});

  return { answer: () => answer(), operation };
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

        const told: string[] = [];

        for (const event of ['recovering', 'recovered'] as const) {
          call.server.on(event, () => told.push(event));
        }

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
          // The server has told of the return, too.
          expect([told[0], told.at(-1)]).toEqual(['recovering', 'recovered']);
          told.length = 0;
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

  it('the client tells of its suspicion before it tells of the restart that follows from it', async () => {
    const call = await begin();
    const told: string[] = [];

    call.client.on('statechange', ({ state }) => told.push(state));
    call.client.on('recovering', () => told.push('recovering'));

    const recovered = next(call, 'recovered');

    call.relay.leaveNetwork();
    await recovered;
    expect(told.slice(0, told.indexOf('recovering'))).toContain('suspect');
    call.end();
  });

  it('RTT is not estimated anew on either side where only the port of the client is another one', async () => {
    const call = await begin();
    const smoothed: Array<number | undefined> = [];

    call.server.on('recovering', () => smoothed.push(call.server.stats.rtt.smoothed));
    call.client.on('recovered', () => smoothed.push(call.client.stats.rtt.smoothed));

    const recovered = Promise.all([
      next(call, 'recovered'),
      new Promise(resolve => {
        call.server.once('recovered', resolve);
      }),
    ]);

    call.relay.leaveNetwork();
    await recovered;
    expect(smoothed.length).toBeGreaterThanOrEqual(2);
    expect(smoothed).not.toContain(undefined);
    call.end();
  });

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

  it('no restart comes into an operation of the application, and the one that waits comes after it', async () => {
    const call = await begin({ direction: 'send' });
    const restarts = causes(call);
    const { answer, operation } = beginOperation(call);

    call.relay.impair({ blackout: true });
    // Without the operation ICE would have been restarted twice by then.
    await call.both('dead');
    expect(restarts).toEqual([]);

    const recovered = next(call, 'recovered');

    call.relay.leaveNetwork();
    call.relay.impair({ blackout: false });
    answer();
    await operation;
    await recovered;
    expect(restarts).toEqual(['silence']);
    await call.both('alive');
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

  it('a dead client that comes back within the grace of `closeOnDead` keeps its transport, its Consumers and its messages', async () => {
    const call = await begin({ server: { closeOnDead: { grace: 20_000 } } });
    const direct = await backend.router.createDirectTransport();
    const dataProducer = await direct.produceData();
    const consumer = await call.transport.consumeData({ dataProducerId: dataProducer.id });
    const received: string[] = [];
    const { id, sctpStreamParameters, label, protocol } = consumer;
    const dataConsumer = await call.peer.consumeData({
      id,
      dataProducerId: dataProducer.id,
      sctpStreamParameters: sctpStreamParameters as client.SctpStreamParameters,
      label,
      protocol,
    });

    dataConsumer.on('message', message => received.push(String(message)));
    await until(dataConsumer, 'open', () => dataConsumer.readyState === 'open');

    let sent = 0;
    const sending = setInterval(() => dataProducer.send(String(sent++)), 50);

    call.relay.impair({ blackout: true });
    await call.both('dead');
    // Into the grace, but not to its end.
    await lasting(5000);

    const recovered = next(call, 'recovered');

    call.relay.leaveNetwork();
    call.relay.impair({ blackout: false });
    await recovered;
    await call.both('alive');

    const upTo = sent;

    await until(dataConsumer, 'message', () => Number(received.at(-1)) > upTo);
    clearInterval(sending);
    // Nothing is lost, and nothing comes twice.
    expect(received).toEqual(received.map((_, index) => String(Number(received[0]) + index)));
    expect([call.transport.closed, consumer.closed]).toEqual([false, false]);
    // It is not closed later either.
    await lasting(20_000);
    expect(call.transport.closed).toBe(false);
    call.end();
    direct.close();
  });

  it('a dead client that comes on another path has its whole grace again, although nothing is heard from it', async () => {
    const call = await Call.begin(backend.router, { server: { closeOnDead: { grace: 10_000 } } });
    const closed = new Promise<Cleanup>(resolve => {
      call.server.once('cleanup', resolve);
    });

    await call.pings(2);
    call.relay.impair({ blackout: true });
    await untilState(call.server, 'dead');
    await lasting(1000);
    // ICE has found another path, and SCTP waits.
    call.transport.observer.emit('iceselectedtuplechange', {
      ...(call.transport.iceSelectedTuple as server.TransportTuple),
      remoteIp: '192.0.2.1',
    });

    const { deadFor } = await closed;

    expect(deadFor).toBeGreaterThan(10_900);
    call.end();
  });

  it('a browser that closes its channels with a failed connection says so, and that no ping will ever prove its return', async () => {
    const call = await begin({ direction: 'send', handlerName: 'Firefox120' });
    const lost = new Promise(resolve => {
      call.client.once('recoveryfailed', resolve);
    });

    const recovering = next(call, 'recovering');

    // As Firefox does it by itself: libwebrtc keeps the channels.
    call.peer.handler.emit('@connectionstatechange', 'failed');
    closeChannels(call);
    expect(await lost).toMatchObject({ reason: 'channel-lost' });
    expect([call.client.state, call.client.reason]).toEqual(['dead', 'channel-lost']);
    // ICE is restarted for the media.
    await recovering;
    // After it, in the transport's queue.
    await call.peer.restartIce({ iceParameters: overTheWire(call.transport.iceParameters) });
    call.end();
  });
});
