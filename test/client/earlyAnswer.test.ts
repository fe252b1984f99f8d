import { attachHeartbeat } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until, untilState } from '../harness/events.ts';
import { overTheWire } from '../harness/overTheWire.ts';
import { createDevice, createSilentTrack } from '../harness/peer.ts';
import { createTransport } from '../harness/server.ts';
import type { App, Link } from './App.ts';
import { type Source, startSource } from './Source.ts';
import { leaveIdle, Moment, run } from './unnoticed.ts';

// Applications whose `connect` listener calls back before the server has connected.

const BOTH = { serverSide: true, clientSide: true };

let source: Source;

beforeAll(async () => {
  source = await startSource();
});

afterAll(() => source.worker.close());

/** Sends a message, or receives one. */
async function use(app: App, link: Link): Promise<void> {
  if (link.client.direction === 'send') {
    await app.sendMessage(await app.produceData(link));
  } else {
    await app.receiveMessage(await app.consumeData(link));
  }
}

describe.each(['current', 'oldest'] as const)('with the %s mediasoup-client', version => {
  describe.each(['send', 'recv'] as const)('an idle %s transport', direction => {
    test('an idle transport whose application keeps the parameters for its first operation waits for that operation', async () => {
      await run(source, { ...BOTH, version, connectIdleAfter: 0 }, async app => {
        const link = await app.createLink(direction);
        const asked = new Moment();
        let kept: types.DtlsParameters | undefined;

        link.client.on('connect', ({ dtlsParameters }, callback) => {
          kept = dtlsParameters;
          callback();
          asked.come();
        });
        await asked.promise;
        // When this is done, everything that the answer caused is done, too.
        await link.client.updateIceServers({ iceServers: [] });
        // Nothing was sent to the server. It would answer ICE and DTLS, but not SCTP, and delay each further try for SCTP.
        expect([link.client.connectionState, link.server.iceState]).toEqual(['new', 'new']);
        expect(app.heartbeatOf(link).reason).toBe('not-connected');

        const connect = () => link.server.connect(overTheWire({ dtlsParameters: kept as never }));

        if (direction === 'send') {
          link.client.prependOnceListener('producedata', connect);
        } else {
          await connect();
        }

        await use(app, link);

        return [link];
      });
    });

    test('an idle transport whose application sends the kept parameters before any operation is alive from then on', async () => {
      await run(source, { ...BOTH, version }, async app => {
        const link = await app.createLink(direction);
        const asked = new Moment();
        let kept: types.DtlsParameters | undefined;

        link.client.on('connect', ({ dtlsParameters }, callback) => {
          kept = dtlsParameters;
          callback();
          asked.come();
        });
        await asked.promise;
        await link.server.connect(overTheWire({ dtlsParameters: kept as never }));
        await leaveIdle(app, link);
        await use(app, link);

        return [link];
      });
    });

    test('an idle transport whose application sends the parameters and does not wait for the server is alive', async () => {
      await run(source, { ...BOTH, version }, async app => {
        const link = await app.createLink(direction);

        link.client.on('connect', ({ dtlsParameters }, callback) => {
          link.server.connect(overTheWire({ dtlsParameters: dtlsParameters as never }));
          callback();
        });
        await leaveIdle(app, link);
        await use(app, link);

        return [link];
      });
    });
  });
});

test('the parameters of an idle transport can be cloned, serialized and changed like those of an operation', async () => {
  await run(source, { ...BOTH, connectIdleAfter: 0 }, async app => {
    const link = await app.createLink('recv');
    const received = await new Promise<types.DtlsParameters>(resolve => {
      link.client.on('connect', ({ dtlsParameters }) => resolve(dtlsParameters));
    });

    expect(Object.keys(received)).toEqual(expect.arrayContaining(['role', 'fingerprints', 'heartbeat']));

    const clone = structuredClone(received);

    expect(clone.fingerprints[0]).toMatchObject({ algorithm: expect.any(String), value: expect.any(String) });
    expect([{ ...received }, JSON.parse(JSON.stringify(received))]).toEqual([clone, clone]);
    received.fingerprints = [];
    expect(received.fingerprints).toEqual([]);

    return [];
  });
});

describe('a client that has accepted', () => {
  test('a client that has accepted is not dead while DTLS is connected and SCTP is not', async () => {
    const server = await createTransport(source.router);
    const heartbeat = await attachHeartbeat(server, { firstPongTimeout: 1000 });
    const device = createDevice();

    await device.load({ routerRtpCapabilities: source.router.rtpCapabilities as types.RtpCapabilities });

    const { id, iceParameters, iceCandidates, dtlsParameters } = server;
    // Without SCTP it sends media only.
    const client = device.createSendTransport({
      id,
      iceParameters,
      iceCandidates,
      dtlsParameters,
    } as types.TransportOptions);

    client.on('connect', ({ dtlsParameters }, callback, errback) => {
      const accepting = { ...dtlsParameters, heartbeat: { version: 1 } };

      server.connect({ dtlsParameters: accepting as never }).then(callback, errback);
    });
    client.on('produce', (_parameters, callback) => callback({ id: 'audio' }));
    await client.produce({ track: createSilentTrack() });
    await until(heartbeat, 'statechange', () => heartbeat.reason === 'not-connected');
    expect([server.dtlsState, server.sctpState, heartbeat.state]).toEqual([
      'connected',
      'connecting',
      'pending',
    ]);
    client.close();
    server.close();
  });

  test('a client that has accepted and never connects is dead', async () => {
    const server = await createTransport(source.router);
    const heartbeat = await attachHeartbeat(server, { firstPongTimeout: 1000 });
    const fingerprint = { algorithm: 'sha-256', value: Array(32).fill('00').join(':') };

    await server.connect({
      dtlsParameters: { role: 'client', fingerprints: [fingerprint], heartbeat: { version: 1 } } as never,
    });
    await untilState(heartbeat, 'dead');
    expect([heartbeat.reason, server.iceState]).toEqual(['not-connected', 'new']);
    server.close();
  });
});
