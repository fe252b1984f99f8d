import { setTimeout as lasting } from 'node:timers/promises';
import { type LocalHealthReport, localHealth } from '@mediasoup-heartbeat/server';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { until, untilState } from '../harness/events.ts';
import { Call } from './Call.ts';
import { useRouter } from './useRouter.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const backend = useRouter();

const PEERS = 40;
/** The hard limit, in ms: sooner than by default, so that the test need not last as long. */
const HARD_LIMIT = 12_000;

let calls: Call[];
const told: Array<[event: string, report: LocalHealthReport]> = [];

localHealth.on('unwell', report => void told.push(['unwell', report]));
localHealth.on('well', report => void told.push(['well', report]));

beforeAll(async () => {
  calls = await Promise.all(
    Array.from({ length: PEERS }, () =>
      Call.begin(backend.router, { server: { localHealth: true, deadAtLatest: HARD_LIMIT } }),
    ),
  );
  await Promise.all(calls.map(call => call.pings(3)));
});

afterEach(async () => {
  cut(calls, false);
  await Promise.all(calls.map(call => untilState(call.server, 'alive')));
  await Promise.all(calls.map(call => call.pings(3)));

  for (const call of calls) {
    call.forget();
  }

  told.length = 0;
});

function cut(some: readonly Call[], blackout = true): void {
  for (const { relay } of some) {
    relay.impair({ blackout });
  }
}

const dead = (some: readonly Call[]) => some.filter(({ said }) => said.server.join().includes('dead'));

describe(`a server with ${PEERS} clients`, () => {
  it('calls one client dead that is cut, as ever', async () => {
    const [one] = calls as [Call];

    cut([one]);
    await untilState(one.server, 'dead');
    expect(one.said.server).toEqual(['suspect: missed-pings', 'dead: missed-pings']);
    expect(told).toEqual([]);
  });

  it('calls nobody dead while all are cut for 8 s, and tells the operator that its own network is the likely cause', async () => {
    cut(calls);
    await lasting(8000);
    expect(calls.map(({ server }) => server.stats.localHealth)).toContain('server-network');
    cut(calls, false);
    await Promise.all(calls.map(call => untilState(call.server, 'alive')));
    expect(dead(calls).map(({ said }) => said.server)).toEqual([]);
    expect(calls.flatMap(({ said }) => said.server)).toContain('suspect: server-network');
    expect(told).toContainEqual([
      'unwell',
      expect.objectContaining({ scope: 'worker', peers: PEERS, at: expect.any(Number) }),
    ]);
    await until(localHealth, 'well', () => told.at(-1)?.[0] === 'well');
  });

  it('calls the one client dead that does not come back when the others do', async () => {
    const [one, ...others] = calls as [Call, ...Call[]];

    cut(calls);
    await lasting(7000);
    cut(others, false);
    await untilState(one.server, 'dead');
    expect(dead(others).map(({ said }) => said.server)).toEqual([]);
  });

  it('calls 30 clients that are cut for good dead at the hard limit', async () => {
    const gone = calls.slice(0, 30);
    const from = performance.now();

    cut(gone);
    await Promise.all(gone.map(call => untilState(call.server, 'dead')));
    expect(performance.now() - from).toBeGreaterThan(HARD_LIMIT - 2000);
    expect(gone.map(({ server }) => server.reason)).toContain('server-network');
    expect(dead(calls.slice(30)).map(({ said }) => said.server)).toEqual([]);
  });

  it('calls a client dead at once that says goodbye while the server is unwell', async () => {
    const [one] = calls as [Call];

    cut(calls.slice(1));
    await untilState((calls[1] as Call).server, 'suspect');
    one.client.transport.close();
    await untilState(one.server, 'dead');
    expect(one.server.reason).toBe('goodbye');
    calls = calls.slice(1);
    one.end();
  });
});
