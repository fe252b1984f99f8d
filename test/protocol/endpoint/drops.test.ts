import {
  ClientEndpoint,
  createAdaptiveDetector,
  type Endpoint,
  encodeFrame,
  type Frame,
  GoodbyeCause,
  resolveDetectorOptions,
  ServerEndpoint,
} from '@mediasoup-heartbeat/protocol';
import { describe, expect, it } from 'vitest';

const bounds = resolveDetectorOptions({ interval: 1000 });

function createServer(): ServerEndpoint {
  return new ServerEndpoint({
    bounds,
    detector: createAdaptiveDetector(bounds, 'server'),
    firstPongTimeout: 15_000,
    frozenTimeout: 60_000,
    phase: 1000,
    random: () => 1,
    now: 0,
  });
}

function createClient(version: number | undefined): ClientEndpoint {
  return new ClientEndpoint({
    version,
    bounds,
    detector: createAdaptiveDetector(bounds, 'client'),
    firstPingTimeout: 15_000,
    instance: 1,
    now: 0,
  });
}

const GARBAGE = Uint8Array.of(1, 0xc1);
const frame = (of: Frame) => encodeFrame(of, 1);
const ping = (seq: number) => frame({ type: 'ping', seq, token: 1, ack: 0, ackHold: 0, pongs: 0 });

/** What an endpoint tells of dropped frames by now. */
function dropsOf(endpoint: Endpoint): string[] {
  const causes: string[] = [];

  for (let event = endpoint.poll(); event !== undefined; event = endpoint.poll()) {
    if (event.type === 'drop') {
      causes.push(String(event.cause));
    }
  }

  return causes;
}

describe('a dropped frame', () => {
  it('is told each time with its cause while somebody wants it, and not otherwise', () => {
    const server = createServer();

    server.connected(0);
    server.accept(1, 0);
    server.handleFrame(GARBAGE, 1);
    expect(dropsOf(server)).toEqual([]);

    server.wantsDrops = true;
    server.handleFrame(GARBAGE, 2);
    server.handleFrame(new Uint8Array(65), 3);
    server.handleFrame(ping(0), 4);
    expect(dropsOf(server)).toEqual([
      expect.stringMatching(/^FrameError: /),
      expect.stringMatching(/^FrameError: /),
      'FrameError: a ping does not come from a client',
    ]);
  });

  it.each<[string, (endpoint: ServerEndpoint) => void]>([
    ['no version is agreed', endpoint => endpoint.handleFrame(GARBAGE, 1)],
    [
      'the heartbeat is closed',
      endpoint => {
        endpoint.accept(1, 0);
        endpoint.close('heartbeat-closed', 0);
        endpoint.handleFrame(GARBAGE, 1);
      },
    ],
    [
      'the peer broke the protocol before',
      endpoint => {
        endpoint.accept(1, 0);

        for (let frames = 0; endpoint.reason !== 'protocol-violation'; frames++) {
          endpoint.handleFrame(GARBAGE, frames / 1000);
        }

        endpoint.handleFrame(GARBAGE, 1);
      },
    ],
  ])('of a client is told by the server with the cause "%s"', (cause, happen) => {
    const server = createServer();

    server.wantsDrops = true;
    server.connected(0);
    happen(server);
    expect(dropsOf(server).at(-1)).toBe(cause);
  });

  it.each<[string, (endpoint: ClientEndpoint) => void]>([
    [
      'it came after a goodbye',
      endpoint => {
        endpoint.depart(GoodbyeCause.PageClosing, 1);
        endpoint.handleFrame(ping(0), 2);
      },
    ],
    [
      'a ping that waited too long',
      endpoint => {
        endpoint.handleFrame(ping(1000), 1);
        endpoint.handleFrame(ping(1), 2);
      },
    ],
    [
      'FrameError: duplicate ping',
      endpoint => {
        endpoint.handleFrame(ping(0), 1);
        endpoint.handleFrame(ping(0), 2);
      },
    ],
  ])('of a server is told by the client with the cause "%s"', (cause, happen) => {
    const client = createClient(1);

    client.wantsDrops = true;
    client.opened(0);
    happen(client);
    expect(dropsOf(client)).toEqual([cause]);
  });
});

it('a round trip is told only while somebody listens to samples', () => {
  const server = createServer();
  const samples: unknown[] = [];

  server.connected(0);
  server.accept(1, 0);

  for (const wanted of [false, true]) {
    const at = wanted ? 1000 : 0;

    server.handleTimeout(at);
    server.wantsSamples = wanted;
    server.handleFrame(frame({ type: 'pong', seq: wanted ? 1 : 0, token: 1, hold: 0, seen: 1 }), at + 20);

    for (let event = server.poll(); event !== undefined; event = server.poll()) {
      if (event.type === 'sample') {
        samples.push(event.sample.seq);
      }
    }
  }

  expect(samples).toEqual([1]);
});
