import {
  answerHeartbeat,
  attachHeartbeat,
  type Cleanup,
  createHeartbeatGroup,
  type Heartbeat,
  type HeartbeatGroup,
  type HeartbeatGroupOptions,
} from '@mediasoup-heartbeat/server';
import { describe, expect, it, vi } from 'vitest';
import { UdpRelay } from '../../examples/meeting/relay/UdpRelay.ts';
import { Call } from '../chaos/Call.ts';
import { useRouter } from '../chaos/useRouter.ts';
import { until, untilState } from '../harness/events.ts';
import { createTransport } from '../harness/server.ts';
import { WirePeer } from '../harness/WirePeer.ts';

vi.setConfig({ testTimeout: 60_000 });

const backend = useRouter();

/** So that a death takes a second. */
const QUICK = { interval: 100, suspectAfter: 400, deadAfter: 1000, deadAtLatest: 3000 };

/** A participant: a client's two transports, in a group. */
class Participant {
  readonly calls: [Call, Call];
  readonly group: HeartbeatGroup;
  readonly told: string[] = [];

  private constructor(calls: [Call, Call], group: HeartbeatGroup) {
    this.calls = calls;
    this.group = group;

    for (const event of ['alive', 'suspect', 'dead', 'close'] as const) {
      group.on(event, ({ reason }) => this.told.push(`${event}: ${reason}`));
    }

    group.on('pathlost', ({ heartbeat, reason }) =>
      this.told.push(`pathlost ${this.#index(heartbeat)}: ${reason}`),
    );
    group.on('pathback', ({ heartbeat, reason }) =>
      this.told.push(`pathback ${this.#index(heartbeat)}: ${reason}`),
    );
    group.on('cleanup', ({ reason, transports }) =>
      this.told.push(`cleanup of ${transports.length}: ${reason}`),
    );
  }

  static async join(options?: HeartbeatGroupOptions, server: object = QUICK): Promise<Participant> {
    const calls = await Promise.all([
      Call.begin(backend.router, { server }),
      Call.begin(backend.router, { server }),
    ]);
    const group = createHeartbeatGroup(options);

    for (const call of calls) {
      group.add(call.server);
    }

    return new Participant(calls, group);
  }

  cut(blackout = true, ...which: (0 | 1)[]): void {
    for (const [index, { relay }] of this.calls.entries()) {
      if (which.length === 0 || which.includes(index as 0 | 1)) {
        relay.impair({ blackout });
      }
    }
  }

  get areClosed(): boolean[] {
    return this.calls.map(({ transport }) => transport.closed);
  }

  end(): void {
    for (const call of this.calls) {
      call.end();
    }

    this.group.close();
  }

  #index(heartbeat: Heartbeat): number {
    return this.calls.findIndex(({ server }) => server === heartbeat);
  }
}

async function joined(options: HeartbeatGroupOptions) {
  const participant = await Participant.join(options);

  return {
    group: participant.group,
    calls: participant.calls,
    cut: () => participant.cut(),
    end: () => participant.end(),
  };
}

const cleanupOf = (group: HeartbeatGroup) => new Promise<Cleanup>(resolve => group.once('cleanup', resolve));

describe.concurrent('a participant with two paths', () => {
  it('is alive while one path is lost, and the group says which one, and when it is back', async () => {
    const participant = await Participant.join({ closeOnDead: true });
    const { group, calls, told } = participant;

    expect(group).toMatchObject({ state: 'alive', reason: 'first-pong' });
    participant.cut(true, 1);
    await until(group, 'pathlost', () => told.length > 0);
    expect(group.state).toBe('alive');
    expect(group.lostPaths).toEqual([calls[1].server]);
    participant.cut(false, 1);
    await until(group, 'pathback', () => told.length > 1);
    expect(told).toEqual(['pathlost 1: missed-pings', 'pathback 1: recovered']);
    expect(group.lostPaths).toEqual([]);
    expect(participant.areClosed).toEqual([false, false]);
    participant.end();
  });

  it('is dead if both paths are, and all of its transports are closed after the grace', async () => {
    const participant = await Participant.join({ closeOnDead: { grace: 500 } });
    const { group, calls, told } = participant;
    const cleanup = cleanupOf(group);

    participant.cut();

    const { transports, deadFor, reason } = await cleanup;

    expect(transports).toEqual(calls.map(({ transport }) => transport));
    expect(reason).toBe('missed-pings');
    expect(deadFor).toBeGreaterThanOrEqual(500);
    expect(participant.areClosed).toEqual([true, true]);
    expect(told).toEqual(['suspect: missed-pings', 'dead: missed-pings', 'cleanup of 2: missed-pings']);
    expect(group).toMatchObject({ state: 'pending', reason: 'new', heartbeats: [] });
    participant.end();
  });

  it('keeps its transports if it comes back within the grace, even on one path only', async () => {
    const participant = await Participant.join({ closeOnDead: { grace: 2500 } });
    const { group, calls, told } = participant;

    participant.cut();
    await untilState(group, 'dead');
    participant.cut(false, 0);
    await untilState(group, 'alive');
    // Until the grace would be over.
    await calls[0].pings(30);
    expect(participant.areClosed).toEqual([false, false]);
    // The first path may have been lost some time before the other one.
    expect(told.filter(line => !line.startsWith('path'))).toEqual([
      'suspect: missed-pings',
      'dead: missed-pings',
      'alive: recovered',
    ]);
    expect(told.at(-1)).toBe('pathlost 1: missed-pings');
    participant.end();
  });

  it('is closed without grace if it says goodbye on both paths', async () => {
    const participant = await Participant.join({ closeOnDead: { grace: 3_600_000 } });
    const cleanup = cleanupOf(participant.group);

    for (const call of participant.calls) {
      call.peer.close();
    }

    expect(await cleanup).toMatchObject({ reason: 'goodbye' });
    expect(participant.areClosed).toEqual([true, true]);
    participant.end();
  });

  it('is closed without grace if the goodbye on one path gets lost', async () => {
    const participant = await Participant.join({ closeOnDead: { grace: 3_600_000 } });
    const cleanup = cleanupOf(participant.group);

    participant.cut(true, 1);

    for (const call of participant.calls) {
      call.peer.close();
    }

    expect(await cleanup).toMatchObject({ reason: 'goodbye' });
    participant.end();
  });

  it('is alive if the client closes one of its two transports, and no path is lost', async () => {
    const participant = await Participant.join({ closeOnDead: true });
    const [kept, closed] = participant.calls;

    closed.peer.close();
    await untilState(closed.server, 'dead');
    await kept.pings(10);
    expect(participant.group.state).toBe('alive');
    expect(participant.group.lostPaths).toEqual([]);
    expect(participant.told).toEqual([]);
    expect(closed.transport.closed).toBe(false);
    participant.end();
  });
});

describe('a participant that replaces its transport', () => {
  it('keeps the new one, which has yet to connect, after the goodbye on the old one', async () => {
    const options = { closeOnDead: true };
    const [replacing, leaving] = await Promise.all([Call.begin(backend.router), Call.begin(backend.router)]);
    const [group, other] = [createHeartbeatGroup(options), createHeartbeatGroup(options)];
    const next = await createTransport(backend.router);

    group.add(replacing.server);
    group.add(await attachHeartbeat(next));
    other.add(leaving.server);
    replacing.peer.close();
    await untilState(group, 'dead');

    // In the same schedule, and later.
    const cleanup = cleanupOf(other);

    leaving.peer.close();
    await cleanup;
    expect(group.reason).toBe('goodbye');
    expect(next.closed).toBe(false);
    next.close();
    replacing.end();
    leaving.end();
    group.close();
    other.close();
  });

  it('is dead for as long as its old path is silent, not its new one, which was never heard', async () => {
    const call = await Call.begin(backend.router, { server: QUICK });
    const group = createHeartbeatGroup();
    const next = await createTransport(backend.router);

    group.add(call.server);
    group.add(await attachHeartbeat(next));
    call.relay.impair({ blackout: true });
    await untilState(group, 'dead');
    expect(group.getSnapshot().silentFor).toBeGreaterThan(0);
    next.close();
    call.end();
    group.close();
  });
});

describe('signs of return', () => {
  it('a client keeps its transport if something arrives on its path again, although it has not answered when the grace ends', async () => {
    const transport = await createTransport(backend.router);
    const relay = await UdpRelay.open(transport.iceCandidates[0]?.port ?? 0);
    const heartbeat = await attachHeartbeat(transport, { ...QUICK, closeOnDead: { grace: 6000 } });
    const { streamId } = heartbeat.descriptor;
    const peer = await new WirePeer({ transport, streamId, port: relay.port }).connect();
    const { channel } = peer.client;
    const answer = channel.onmessage;

    await untilState(heartbeat, 'alive');
    relay.impair({ blackout: true });
    await untilState(heartbeat, 'dead');
    expect(heartbeat.reason).toBe('missed-pings');
    // The network stack is back. The page is not.
    channel.onmessage = null;
    relay.impair({ blackout: false });

    const { at } = heartbeat.getSnapshot();

    await until(heartbeat, 'stats', () => heartbeat.stats.silentFor > 9000);
    expect(heartbeat.getSnapshot()).toMatchObject({ state: 'dead', at });
    channel.onmessage = answer;
    await untilState(heartbeat, 'alive');
    expect(transport.closed).toBe(false);
    peer.close();
    transport.close();
    relay.close();
  });

  it('clients that the server alone has lost keep their transports', async () => {
    const calls = await Promise.all(
      Array.from({ length: 10 }, () =>
        Call.begin(backend.router, { server: { ...QUICK, localHealth: true, closeOnDead: true } }),
      ),
    );

    await Promise.all(calls.map(call => call.pings(3)));

    for (const { relay } of calls) {
      relay.impair({ blackout: true });
    }

    await Promise.all(calls.map(({ server }) => untilState(server, 'dead')));

    for (const { relay } of calls) {
      relay.impair({ blackout: false });
    }

    await Promise.all(calls.map(({ server }) => untilState(server, 'alive')));
    expect(calls.filter(({ transport }) => transport.closed)).toEqual([]);

    for (const call of calls) {
      expect(call.said.server).toContain('dead: server-network');
      call.end();
    }
  });
});

describe('the members of a group', () => {
  it('the group of a participant that reconnects with new transports is alive, and leaves the old ones to the application', async () => {
    const { group, calls, cut, end } = await joined({ closeOnDead: { grace: 60_000 } });

    cut();
    await untilState(group, 'dead');

    const next = await Call.begin(backend.router, { server: QUICK });

    group.add(next.server);
    expect(group).toMatchObject({ state: 'alive', reason: 'first-pong' });
    expect(group.heartbeats).toEqual([...calls.map(({ server }) => server), next.server]);
    calls[0].transport.close();
    expect(group.heartbeats).toHaveLength(2);
    end();
    next.end();
  });

  it('a group with the transports of two clients is alive as long as one of them is, and keeps all of them open', async () => {
    const clients = await Promise.all([
      Call.begin(backend.router, { server: QUICK }),
      Call.begin(backend.router, { server: QUICK }),
    ]);
    const [gone, living] = clients;
    const group = createHeartbeatGroup({ closeOnDead: true });

    for (const { server } of clients) {
      group.add(server);
    }

    gone.relay.impair({ blackout: true });
    await until(group, 'pathlost', () => group.lostPaths.length > 0);
    expect(group.lostPaths).toEqual([gone.server]);
    expect(group.state).toBe('alive');
    expect(clients.map(({ transport }) => transport.closed)).toEqual([false, false]);
    // Only when the last one has gone, all are closed.
    living.relay.impair({ blackout: true });
    expect((await cleanupOf(group)).transports).toHaveLength(2);
    expect(clients.map(({ transport }) => transport.closed)).toEqual([true, true]);

    for (const client of clients) {
      client.end();
    }

    group.close();
  });

  it('an empty group is pending, and a group whose members are all closed is empty', async () => {
    const group = createHeartbeatGroup();
    const transport = await createTransport(backend.router);

    expect(group).toMatchObject({ state: 'pending', reason: 'new', heartbeats: [], lostPaths: [] });
    group.add(await attachHeartbeat(transport));
    expect(group.heartbeats).toHaveLength(1);
    transport.close();
    expect(group).toMatchObject({ state: 'pending', reason: 'new', heartbeats: [] });
    group.close();
  });

  it('a closed group tells nothing any more, and leaves heartbeats and transports as they are', async () => {
    const { group, calls, cut, end } = await joined({ closeOnDead: true });
    const told = vi.fn();

    group.on('statechange', told);
    group.close();
    group.close();
    expect(told).toHaveBeenCalledTimes(1);
    expect(group).toMatchObject({
      state: 'closed',
      reason: 'heartbeat-closed',
      closed: true,
      heartbeats: [],
    });
    cut();
    await Promise.all(calls.map(({ server }) => untilState(server, 'dead')));
    expect(told).toHaveBeenCalledTimes(1);
    expect(calls.map(({ transport }) => transport.closed)).toEqual([false, false]);
    end();
  });

  it('a heartbeat that was removed is judged alone, and may join another group', async () => {
    const { group, calls, end } = await joined({});
    const other = createHeartbeatGroup();

    expect(() => other.add(calls[0].server)).toThrow('add(): the heartbeat is in another group');
    group.remove(calls[0].server);
    group.remove(calls[0].server);
    other.add(calls[0].server);
    other.add(calls[0].server);

    const leave = vi.spyOn(calls[0].server, 'joinPeers');

    // It is no longer its own.
    group.remove(calls[0].server);
    expect(leave).not.toHaveBeenCalled();
    expect([group, other].map(({ heartbeats }) => heartbeats)).toEqual([
      [calls[1].server],
      [calls[0].server],
    ]);
    other.close();
    end();
  });

  it('tells each change to subscribers, with a frozen snapshot that stays the same until the next one', async () => {
    const { group, cut, end } = await joined({});
    const { subscribe, getSnapshot } = group;
    const seen: string[] = [];

    subscribe(() => seen.push(getSnapshot().state));
    expect(getSnapshot()).toBe(getSnapshot());
    cut();
    await untilState(group, 'dead');
    expect(seen).toEqual(['suspect', 'dead']);
    expect(Object.isFrozen(getSnapshot())).toBe(true);
    end();
  });
});

describe('bad input', () => {
  it('refuses what is no heartbeat, a closed one, and any in a closed group', async () => {
    const group = createHeartbeatGroup();
    const transport = await createTransport(backend.router);
    const heartbeat = await attachHeartbeat(transport);

    for (const wrong of [undefined, null, {}, transport, 'heartbeat']) {
      expect(() => group.add(wrong as unknown as Heartbeat)).toThrow(TypeError);
      expect(() => group.add(wrong as unknown as Heartbeat)).toThrow(
        'must be what attachHeartbeat() returns',
      );
    }

    transport.close();
    expect(() => group.add(heartbeat)).toThrow('add(): the heartbeat is closed (transport-closed)');
    group.close();
    expect(() => group.add(heartbeat)).toThrow('add(): the group is closed');
  });

  it('refuses a heartbeat that answers, and stays as it was', async () => {
    const group = createHeartbeatGroup();
    const pipe = await backend.router.createPipeTransport({
      listenInfo: { protocol: 'udp', ip: '127.0.0.1' },
      enableSctp: true,
    });
    const answers = await answerHeartbeat(pipe);

    expect(() => group.add(answers as unknown as Heartbeat)).toThrow(
      'add(): heartbeat must be what attachHeartbeat() returns',
    );
    expect(group.heartbeats).toEqual([]);
    pipe.close();
  });

  it('refuses a heartbeat and a group that both close transports, and names both', async () => {
    const transport = await createTransport(backend.router);
    const heartbeat = await attachHeartbeat(transport, { closeOnDead: true });
    const group = createHeartbeatGroup({ closeOnDead: { grace: 1000 } });

    expect(() => group.add(heartbeat)).toThrow(TypeError);
    expect(() => group.add(heartbeat)).toThrow('the heartbeat has closeOnDead, and so has the group');
    expect(group.heartbeats).toEqual([]);
    transport.close();
    group.close();
  });

  it.each<[object, string]>([
    [{ closeOnDead: 'yes' }, "closeOnDead must be true, false or { grace: ms }, got the string 'yes'"],
    [{ closeOnDead: { grace: -1 } }, 'closeOnDead.grace must be a number from 0 to 3600000 (ms), got -1'],
    [{ appData: 1 }, 'appData must be an object, got 1'],
    [{ grace: 1 }, 'createHeartbeatGroup(): unknown option grace; known are closeOnDead, appData'],
  ])('refuses the options %o', (options, message) => {
    expect(() => createHeartbeatGroup(options)).toThrow(TypeError);
    expect(() => createHeartbeatGroup(options)).toThrow(message);
  });

  it('a transport that cannot be closed keeps no other one open, and the error is told', async () => {
    const { group, calls, end } = await joined({ closeOnDead: true });
    const errors = vi.fn();
    const close = vi.spyOn(calls[0].transport, 'close').mockImplementation(() => {
      throw new Error('mine');
    });

    group.on('cleanuperror', errors);

    const cleanup = cleanupOf(group);

    for (const { peer } of calls) {
      peer.close();
    }

    await cleanup;
    expect(errors).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ message: 'mine' }));
    expect(calls[1].transport.closed).toBe(true);
    close.mockRestore();
    end();
  });

  it('a heartbeat tells that its transport cannot be closed', async () => {
    const call = await Call.begin(backend.router, { server: { closeOnDead: true } });
    const errors = vi.fn();
    const close = vi.spyOn(call.transport, 'close').mockImplementation(() => {
      throw new Error('mine');
    });

    call.server.on('cleanuperror', errors);
    call.peer.close();
    await new Promise(resolve => call.server.once('cleanup', resolve));
    expect(errors).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ message: 'mine' }));
    close.mockRestore();
    call.end();
  });

  it('a path that a listener has just removed is not told as lost', async () => {
    const { group, calls, end } = await joined({});
    const told: Heartbeat[] = [];
    const third = await Call.begin(backend.router);

    group.add(third.server);
    vi.spyOn(calls[0].server, 'state', 'get').mockReturnValue('dead');
    vi.spyOn(calls[1].server, 'state', 'get').mockReturnValue('dead');
    group.on('pathlost', ({ heartbeat }) => {
      told.push(heartbeat);
      group.remove(calls[1].server);
    });
    group.remove(third.server);
    group.add(third.server);
    expect(told).toEqual([calls[0].server]);
    expect(group.lostPaths).toEqual([calls[0].server]);
    vi.restoreAllMocks();
    end();
    third.end();
  });

  it('a listener that throws keeps nobody from being told, and the transports are closed', async () => {
    const transport = await createTransport(backend.router);
    const group = createHeartbeatGroup({ closeOnDead: true });
    const other = vi.fn();
    const errors = vi.fn();
    const heartbeat = await attachHeartbeat(transport, { firstPongTimeout: 1000 });
    const { fingerprints } = transport.dtlsParameters;

    group.add(heartbeat);
    group.on('listenererror', errors);
    group.on('dead', () => {
      throw new Error('mine');
    });
    group.on('dead', other);

    const cleanup = cleanupOf(group);

    // Accepts, and never connects.
    await transport.connect({
      dtlsParameters: { role: 'client', fingerprints, heartbeat: { version: 1 } } as never,
    });
    await cleanup;
    expect(other).toHaveBeenCalledOnce();
    expect(errors).toHaveBeenCalledWith('dead', expect.objectContaining({ message: 'mine' }));
    expect(transport.closed).toBe(true);
  });
});
