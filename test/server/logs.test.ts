import { ServerEndpoint } from '@mediasoup-heartbeat/protocol';
import { attachHeartbeat, type HeartbeatOptions } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readDebugLog } from '../harness/debugLog.ts';
import { until, untilState } from '../harness/events.ts';
import { RawClient } from '../harness/RawClient.ts';
import { createTransport, startRouter } from '../harness/server.ts';
import { WirePeer } from '../harness/WirePeer.ts';

let worker: types.Worker;
let router: types.Router;

beforeAll(async () => {
  ({ worker, router } = await startRouter());
});
afterAll(() => worker.close());

/** An application that sends the parameters to its client, and a client that answers. */
async function pair(options: HeartbeatOptions = {}) {
  const transport = await createTransport(router);
  const heartbeat = await attachHeartbeat(transport, { interval: 100, ...options });

  expect(transport.sctpParameters).toHaveProperty('heartbeat');

  const peer = await new WirePeer({ transport, streamId: 0 }).connect();

  await untilState(heartbeat, 'alive');

  return { transport, heartbeat, peer };
}

/** A client without the heartbeat, by what the application tells the server of it. */
async function connectWithout(transport: types.WebRtcTransport, acceptance?: object): Promise<void> {
  await transport.connect({
    dtlsParameters: {
      role: 'client',
      fingerprints: transport.dtlsParameters.fingerprints,
      heartbeat: acceptance,
    } as types.DtlsParameters,
  });
}

describe('the log of the server', () => {
  it('tells each step of the negotiation with a client, in order', async () => {
    const lines = readDebugLog('mediasoup-heartbeat:server:negotiation');
    const { transport, heartbeat, peer } = await pair();
    const { id } = transport;

    heartbeat.close();

    expect(lines).toEqual(
      [
        'stream 0 reserved',
        'descriptor made: {"versions":[1],"streamId":0,"interval":100}',
        'descriptor read by the application',
        'connected, acceptance: {"version":1}',
        'accepted, version 1',
        'DataConsumer requested',
        'channel open on stream 0',
        'channel closed',
      ].map(step => `mediasoup-heartbeat:server:negotiation ${id} ${step}`),
    );
    transport.close();
    peer.close();
  });

  it('tells why a client has no heartbeat, and what the application handed over', async () => {
    const lines = readDebugLog('mediasoup-heartbeat:server:negotiation');
    const declined = await createTransport(router);
    const manual = await createTransport(router);

    await attachHeartbeat(declined);
    await connectWithout(declined, { version: 99 });
    (await attachHeartbeat(manual, { advertise: false, vouch: false })).accept({ version: 1 });

    expect(lines).toContainEqual(
      expect.stringContaining(`${declined.id} no heartbeat for this client: version-mismatch`),
    );
    expect(lines).toContainEqual(
      expect.stringContaining(`${declined.id} stream 0 released to the application`),
    );
    expect(lines).toContainEqual(
      expect.stringContaining(`${manual.id} acceptance handed over: {"version":1}`),
    );
    declined.close();
    manual.close();
  });

  it('tells each change of the state with its reason and its evidence', async () => {
    const lines = readDebugLog('mediasoup-heartbeat:server:state');
    const { transport, heartbeat, peer } = await pair();

    // It hangs.
    peer.client.channel.onmessage = null;
    await untilState(heartbeat, 'suspect');
    transport.close();
    peer.close();

    const told = lines.map(
      line =>
        /^mediasoup-heartbeat:server:state (\S+) (\w+ → \w+) \(([\w-]+)\), silent for \d+ ms, (\{.*\})$/.exec(
          line,
        ) ?? [line],
    );

    for (const [, id, , , evidence = ''] of told) {
      expect(id).toBe(transport.id);
      expect(Object.keys(JSON.parse(evidence))).toEqual(['missed', 'deadline', 'suspicion', 'path']);
    }

    expect(told.map(([, , change, reason]) => [change, reason])).toEqual([
      ['pending → alive', 'first-pong'],
      ['alive → suspect', 'missed-pings'],
      ['suspect → closed', 'transport-closed'],
    ]);
    expect(JSON.parse(told[1]?.[4] ?? '').missed).toBeGreaterThan(0);
  });

  it('tells each dropped frame with its cause, while the event tells the first only', async () => {
    const lines = readDebugLog('mediasoup-heartbeat:server:dropped');
    const { transport, heartbeat, peer } = await pair();
    const first = vi.fn();

    heartbeat.on('dropped', first);

    for (const frame of [new Uint8Array(65), Uint8Array.of(2, 0x91, 1), Uint8Array.of(1, 0x91, 1)]) {
      peer.client.send(frame);
    }

    await until(heartbeat, 'sample', () => heartbeat.stats.malformed >= 3);

    expect(first).toHaveBeenCalledOnce();
    expect(lines).toHaveLength(3);

    for (const line of lines) {
      expect(line).toContain(
        `mediasoup-heartbeat:server:dropped ${transport.id} received, not used: FrameError: `,
      );
    }

    expect(new Set(lines).size).toBe(3);
    transport.close();
    peer.close();
  });

  it('costs nothing while it is off: no figures are built for it, and no dropped frame is told', async () => {
    const stats = vi.spyOn(ServerEndpoint.prototype, 'stats');
    const poll = vi.spyOn(ServerEndpoint.prototype, 'poll');
    const { transport, heartbeat, peer } = await pair();

    expect(stats).not.toHaveBeenCalled();
    peer.client.send(new Uint8Array(65));
    await until(heartbeat, 'sample', () => heartbeat.stats.malformed > 0);

    expect(poll.mock.results.map(({ value }) => value?.type)).not.toContain('drop');
    stats.mockRestore();
    poll.mockRestore();
    transport.close();
    peer.close();
  });
});

describe('a mistake in the application', () => {
  it('is warned of once in the process, and each time in the log, if the parameters were read before the heartbeat was attached', async () => {
    const lines = readDebugLog('mediasoup-heartbeat:WARN*');
    const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const early = await createTransport(router);
    const late = await createTransport(router);

    // What the application sends to its client.
    expect(early.sctpParameters).not.toHaveProperty('heartbeat');
    await attachHeartbeat(early);
    await connectWithout(early);

    const client = new RawClient({ transport: late, streamId: 0 });

    await client.connect();
    await attachHeartbeat(late);

    expect(emitWarning.mock.calls).toEqual([
      [
        expect.stringMatching(
          new RegExp(
            `^attachHeartbeat\\(\\): transport ${early.id} .* Await attachHeartbeat\\(transport\\) right after`,
          ),
        ),
        { code: 'MEDIASOUP_HEARTBEAT_LATE' },
      ],
    ]);
    expect(lines).toEqual([expect.stringContaining(early.id), expect.stringContaining(late.id)]);
    emitWarning.mockRestore();
    client.close();
    early.close();
    late.close();
  });

  let warnings = 0;

  it.each([{}, { advertise: false, vouch: false }])(
    'is warned of, and only once in the process, if three transports of a Router were connected with no client that accepts, with options %j',
    async options => {
      const lines = readDebugLog('mediasoup-heartbeat:WARN*');
      const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
      const fresh = await worker.createRouter();

      for (let transports = 0; transports < 5; transports++) {
        const transport = await createTransport(fresh);
        const { descriptor } = await attachHeartbeat(transport, options);

        expect(descriptor.streamId).toBe(0);
        expect(lines).toHaveLength(transports < 3 ? 0 : 1);
        await connectWithout(transport);
        transport.close();
      }

      warnings += emitWarning.mock.calls.length;
      expect(warnings).toBe(1);
      expect(lines).toEqual([
        expect.stringContaining('call enableHeartbeat(device) before the first transport'),
      ]);
      emitWarning.mockRestore();
      fresh.close();
    },
  );

  it('is not warned of while one client of the Router has accepted', async () => {
    const lines = readDebugLog('mediasoup-heartbeat:WARN*');
    const { peer, transport: accepted } = await pair();

    for (let transports = 0; transports < 5; transports++) {
      const transport = await createTransport(router);

      await attachHeartbeat(transport);
      expect(transport.sctpParameters).toHaveProperty('heartbeat');
      await connectWithout(transport);
      transport.close();
    }

    expect(lines).toEqual([]);
    accepted.close();
    peer.close();
  });
});
