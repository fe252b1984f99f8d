import type { HeartbeatOptions } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { App, Link } from '../client/App.ts';
import { type Source, startSource } from '../client/Source.ts';
import { run } from '../client/unnoticed.ts';
import { until, untilState } from '../harness/events.ts';
import { allowLog } from '../harness/mediasoupLog.ts';
import { startRouter } from '../harness/server.ts';
import { Pair } from './Pair.ts';

// All tests run at the same time: this takes as long as the longest cut.
vi.setConfig({ maxConcurrency: 50 });

/** When a side becomes suspect or dead. */
type DetectorBounds = Pick<HeartbeatOptions, 'preset' | 'suspectAfter'>;

/** Answers by which both sides learn the path before the cut, and after it. */
const ANSWERS = 3;

/** Pings that may be in flight when the path is restored. They are not stale. */
const UNDER_WAY = 2;

/** Bounds for tests that name every change of state: 50 pairs at once on a busy machine may all be slow for seconds. */
const PATIENT = { preset: 'patient' } as const;

/** The promises of the heartbeat, on the mediasoup that the calling file substitutes for `mediasoup`. */
export function describeMediasoup(): void {
  let source: Source;
  let router: types.Router;

  // For the whole file: of tests that run at the same time, the log does not tell which one caused a line.
  allowLog(/worker process died unexpectedly|write EPIPE|read ECONNRESET/, 'a test kills a worker');

  beforeAll(async () => {
    source = await startSource();
    router = source.router;
  });

  afterAll(() => source.worker.close());

  describe.concurrent.each(['current', 'oldest'] as const)('with the %s mediasoup-client', version => {
    describe.concurrent.each(['send', 'recv'] as const)('on a %s transport', direction => {
      const open = async (bounds: DetectorBounds = {}) => {
        const options = {
          serverOptions: { interval: 1000, localHealth: false, ...bounds },
          clientOptions: bounds,
        };

        return (await Pair.open(router, { direction, version, ...options })).both('alive');
      };

      it('both sides are alive', async () => {
        const pair = await open({ ...PATIENT, suspectAfter: 20_000 });

        await pair.answers(ANSWERS);
        expect(pair.said).toEqual({ server: ['alive: first-pong'], client: ['alive: first-ping'] });
        expect(pair.server.stats).toMatchObject({ late: 0, lost: 0, malformed: 0 });
        expect(pair.client.stats).toMatchObject({ late: 0, lost: 0, malformed: 0 });
        expect(pair.client.report?.state).toBe('alive');
        pair.close();
      });

      it('a short cut makes both sides suspect and alive again, and no stale ping is answered', async () => {
        const pair = await open(PATIENT);
        const answered: number[] = [];

        await pair.answers(ANSWERS);
        pair.server.on('sample', ({ seq }) => answered.push(seq));
        pair.client.on('sample', ({ seq }) => answered.push(seq));

        const first = pair.server.stats.sent;

        pair.relay.impair({ blackout: true });
        await pair.both('suspect');

        const last = pair.server.stats.sent - UNDER_WAY;

        pair.relay.impair({ blackout: false });
        await pair.both('alive');
        await pair.answers(ANSWERS);
        expect(answered.filter(seq => seq >= first && seq < last)).toEqual([]);
        expect(pair.server.stats.late).toBe(0);
        // The client may say that it hears nothing before the first ping comes through.
        expect(pair.said.server.slice(1).filter(said => said !== 'suspect: downlink-lost')).toEqual([
          'suspect: missed-pings',
          'alive: recovered',
        ]);
        expect(pair.said.client.slice(1)).toEqual(['suspect: missed-pings', 'alive: recovered']);
        pair.close();
      });

      it('a lost ping counts as lost on both sides and is not sent again', async () => {
        const serverOptions = { interval: 100, preset: 'patient' } as const;
        const pair = await (await Pair.open(router, { direction, version, serverOptions })).both('alive');

        pair.relay.impair({ loss: 0.3 }, 'downlink');
        await until(pair.server, 'sample', () => (pair.server.stats.loss.downlink ?? 0) > 0.1);
        await until(pair.client, 'sample', () => (pair.client.stats.loss.downlink ?? 0) > 0.1);
        pair.close();
      });

      it('a lasting cut makes both sides dead, and alive when it is over', async () => {
        const pair = await open();

        await pair.answers(ANSWERS);
        pair.relay.impair({ blackout: true });
        await pair.both('dead');
        expect([pair.server.reason, pair.client.reason]).toEqual(['missed-pings', 'missed-pings']);
        pair.relay.impair({ blackout: false });
        await pair.both('alive');
        await pair.answers(ANSWERS);
        expect([pair.server.reason, pair.client.reason]).toEqual(['recovered', 'recovered']);
        expect(pair.client.stats.malformed).toBe(0);
        pair.close();
      });

      it('a heartbeat that is closed while the path is cut harms nobody', async () => {
        const [pair, neighbour] = await Promise.all([open(), open()]);

        pair.relay.impair({ blackout: true });
        await untilState(pair.server, 'suspect');
        pair.server.close();
        pair.relay.impair({ blackout: false });
        await neighbour.answers(ANSWERS);
        expect(neighbour.said.server).toEqual(['alive: first-pong']);
        expect(source.worker.died).toBe(false);
        pair.close();
        neighbour.close();
      });

      it('a transport that the client closes is a goodbye', async () => {
        const pair = await open();

        pair.peer.close();
        await untilState(pair.server, 'dead');
        expect(pair.server.reason).toBe('goodbye');
        pair.close();
      });

      it('a transport that the server closes ends the heartbeat at once', async () => {
        const pair = await open();

        pair.transport.close();
        expect(pair.server).toMatchObject({ state: 'closed', reason: 'transport-closed' });
        await untilState(pair.client, 'dead');
        // The end of the connection may overtake the goodbye.
        expect(['goodbye', 'channel-closed']).toContain(pair.client.reason);
        pair.close();
      });

      it('a side that is switched off is no death', async () => {
        const [one, other] = await Promise.all([open(), open()]);

        one.client.close();
        await untilState(one.server, 'pending');
        expect(one.server.reason).toBe('no-client-half');
        other.server.close();
        await untilState(other.client, 'pending');
        expect(other.client.reason).toBe('no-server-half');
        expect(await other.transport.dump()).toMatchObject({ dataProducerIds: [], dataConsumerIds: [] });
        one.close();
        other.close();
      });

      it('a connection that is closed without a goodbye makes the client dead at once', async () => {
        const pair = await open();
        const { _pc: connection } = pair.peer.handler as unknown as { _pc: RTCPeerConnection };

        connection.close();
        await untilState(pair.server, 'dead');
        expect(pair.server.reason).toMatch(/^(dtls|sctp)-closed$/);
        pair.close();
      });
    });

    it('a killed Worker ends the heartbeat, and nothing is thrown or rejected', async () => {
      const unhandled = vi.fn();
      const fresh = await startRouter();
      const pair = await (await Pair.open(fresh.router, { direction: 'recv', version })).both('alive');
      const died = new Promise(resolve => fresh.worker.once('died', resolve));

      process.on('unhandledRejection', unhandled);
      process.kill(fresh.worker.pid, 'SIGKILL');
      await untilState(pair.server, 'closed');
      expect(pair.server.reason).toBe('worker-died');
      await died;
      await new Promise(resolve => setImmediate(resolve));
      expect(unhandled).not.toHaveBeenCalled();
      process.off('unhandledRejection', unhandled);
      pair.close();
    });

    it('the application notices neither one side alone nor both', async () => {
      const without = await run(source, { serverSide: false, clientSide: false, version }, useBoth);
      const both = await run(source, { serverSide: true, clientSide: true, version }, useBoth);
      const clientAlone = await run(source, { serverSide: false, clientSide: true, version }, async app => {
        const links = await useBoth(app);

        expect(links.map(link => app.heartbeatOf(link).reason)).toEqual(['no-server-half', 'no-server-half']);

        return links;
      });
      const serverAlone = await run(source, { serverSide: true, clientSide: false, version }, async app => {
        const links = await useBoth(app);

        expect(links.map(({ heartbeat }) => heartbeat?.reason)).toEqual(['no-client-half', 'no-client-half']);

        return links;
      });

      expect(both).toEqual(without);
      expect(clientAlone).toEqual(without);
      // Its stream towards the client is there, though nobody uses it: what the client receives begins one higher.
      expect(withoutDownlinkIds(serverAlone)).toEqual(withoutDownlinkIds(without));
    });
  });
}

/** Media and messages in both directions. */
async function useBoth(app: App): Promise<[send: Link, recv: Link]> {
  const send = await app.createUsualLink('send');
  const recv = await app.createUsualLink('recv');

  await app.produce(send);
  await app.sendMessage(await app.produceData(send));
  await app.consume(recv);

  const consumer = await app.consumeData(recv);

  // In 3.19 the client's channel opens before the server's association, which drops what is sent before that.
  await until(recv.server.observer, 'sctpstatechange', () => recv.server.sctpState === 'connected');
  await app.receiveMessage(consumer);

  return [send, recv];
}

function withoutDownlinkIds({ 'consumeData()': consumed, ...seen }: Record<string, string[]>) {
  return { ...seen, consumed: consumed?.length };
}
