import { EndpointLoop } from '@mediasoup-heartbeat/protocol';
import { expect, it, vi } from 'vitest';
import { Call } from './Call.ts';
import { useRouter } from './useRouter.ts';

const backend = useRouter();

type Report = Map<string, object> | object[];

/**
 * Lets the second question for figures of a transport wait for its answer, which is that much has come: it is compared
 * with the first. Returns when it was asked, and what answers.
 */
function holdStats(transport: { getStats(): Promise<unknown> }): Promise<() => Promise<void>> {
  const getStats = transport.getStats.bind(transport) as () => Promise<Report>;

  return new Promise(resolve => {
    vi.spyOn(transport, 'getStats')
      .mockImplementationOnce(getStats)
      .mockImplementationOnce(async () => {
        const report = grown(await getStats());

        await new Promise<void>(answer => {
          resolve(async () => {
            answer();
            // Whoever waits for the answer has got it when another one has come.
            await getStats();
          });
        });

        return report;
      });
  });
}

function grown(report: Report): Report {
  const grow = (stats: object) => ({ ...stats, bytesReceived: 1e9 });

  return Array.isArray(report)
    ? report.map(grow)
    : new Map([...report].map(([id, stats]) => [id, grow(stats)]));
}

it.each(['server', 'client'] as const)(
  'the %s side stays closed if it is closed during a path probe',
  async side => {
    const call = await Call.begin(backend.router, { server: { interval: 200 } });
    const held = holdStats(side === 'server' ? call.transport : call.peer);

    call.relay.impair({ blackout: true });

    const answer = await held;
    const feed = vi.spyOn(EndpointLoop.prototype, 'feed');
    const events = vi.fn();

    call[side].close();
    call.server.on('stats', events);
    call.client.on('stats', events);
    call[side === 'server' ? 'client' : 'server'].close();
    feed.mockClear();
    await answer();
    expect(feed).not.toHaveBeenCalled();
    expect(events).not.toHaveBeenCalled();
    vi.restoreAllMocks();
    call.end();
  },
);
