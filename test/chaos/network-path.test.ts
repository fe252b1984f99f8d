import { once } from 'node:events';
import { setTimeout as lasting } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { Call } from './Call.ts';
import { useRouter } from './useRouter.ts';

vi.setConfig({ maxConcurrency: 50, testTimeout: 120_000 });

const backend = useRouter();

const DOUBT = ['suspect: missed-pings', 'alive: recovered'];

/** The client's address and port, as the server sees them. */
const addressOf = ({ transport }: Call) => transport.iceSelectedTuple?.remotePort;

function expectAtMostADoubt({ said }: Call): void {
  expect([[], DOUBT]).toContainEqual(said.server);
  expect([[], DOUBT]).toContainEqual(said.client);
}

describe.concurrent('the path', () => {
  it('the path survives repeated changes of the client’s address, and a side is suspect at most', async () => {
    const call = await Call.begin(backend.router);

    for (let move = 0; move < 2; move++) {
      const before = addressOf(call);
      const moved = once(call.transport, 'iceselectedtuplechange');

      call.relay.changeAddress();
      await moved;
      await call.both('alive');
      await call.pings(3);
      expect(addressOf(call)).not.toBe(before);
      expectAtMostADoubt(call);
      call.forget();
    }

    expect(call.server.stats.late).toBe(0);
    call.end();
  });

  it('the path is lost with its relay and returns with another one in its place', async () => {
    const call = await Call.begin(backend.router);

    await call.pings(3);
    await call.restartRelay(3000);
    await call.both('alive');
    await call.pings(3);
    call.expectSaid(DOUBT, DOUBT);
    expect(call.server.stats.late).toBe(0);
    call.end();
  });
});

describe.concurrent('an ICE restart', () => {
  it('an ICE restart of a live client changes no state', async () => {
    const call = await Call.begin(backend.router);

    for (let restart = 0; restart < 2; restart++) {
      const moved = once(call.transport, 'iceselectedtuplechange');

      await call.restartIce();
      await moved;
      await call.pings(3);
    }

    call.expectSaid([], []);
    call.end();
  });

  it('an ICE restart is not over when ICE completes an earlier check', async () => {
    const call = await Call.begin(backend.router);

    await call.restartIce();
    // The news of an earlier candidate choice that arrives late. It is too rare to wait for.
    call.transport.observer.safeEmit('icestatechange', 'completed');
    call.relay.impair({ blackout: true });
    // Long enough to be suspect without it.
    await lasting(4000);
    call.expectSaid([], []);
    call.relay.impair({ blackout: false });
    await call.pings(3);
    expect([call.server.state, call.client.state]).toEqual(['alive', 'alive']);
    call.end();
  });

  it('an ICE restart keeps a suspect client from dying for as long as the restart may take', async () => {
    const call = await Call.begin(backend.router);

    await call.pings(3);
    call.relay.impair({ blackout: true });
    await call.both('suspect');
    await call.restartIce();
    // Long enough to be dead twice without it.
    await lasting(8000);
    call.expectSaid(['suspect: missed-pings'], ['suspect: missed-pings']);
    call.relay.impair({ blackout: false });
    await call.both('alive');
    await call.pings(3);
    call.expectSaid(DOUBT, DOUBT);
    expect(call.server.stats.late).toBe(0);
    call.end();
  });

  it('ICE restarts every 4 s do not postpone death for ever', async () => {
    const call = await Call.begin(backend.router);

    await call.pings(3);
    call.relay.impair({ blackout: true });

    const restart = () => void call.restartIce().catch(() => {});
    const restarts = setInterval(restart, 4000);

    restart();
    await call.both('dead');
    clearInterval(restarts);
    expect(call.said.server.at(-1)).toBe('dead: missed-pings');
    call.end();
  });

  it('an ICE restart in an announced interruption does not shorten it, and neither does a client that reconnects', async () => {
    const call = await Call.begin(backend.router);

    await call.pings(3);
    call.server.expectInterruption(30_000);

    const moved = once(call.transport, 'iceselectedtuplechange');

    await call.restartIce();
    await moved;
    await call.pings(1);
    call.relay.impair({ blackout: true });
    // Longer than an ICE restart postpones a state change, and than a side then takes to be suspect.
    await lasting(13_000);
    call.expectSaid([], []);
    call.end();
  });

  it('an ICE restart that brings nobody back ends in death when its time is over', async () => {
    const call = await Call.begin(backend.router);

    await call.pings(3);
    call.relay.impair({ blackout: true });
    await call.both('suspect');
    await call.restartIce();
    await call.both('dead');
    expect(call.said.server.at(-1)).toBe('dead: missed-pings');
    expect(call.said.server.filter(said => said.startsWith('alive'))).toEqual([]);
    expect(['dead: missed-pings', 'dead: connection-failed']).toContain(call.said.client.at(-1));
    call.end();
  });
});
