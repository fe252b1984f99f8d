import { globSync, readFileSync } from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';
import { Call } from './Call.ts';
import { useRouter } from './useRouter.ts';

const backend = useRouter();

afterEach(() => vi.unstubAllGlobals());

const HOUR = 3_600_000;

const OFTEN = { server: { interval: 200 } };

/** Sets the clock of this process hours back and forth at every reading. */
function setClockBackAndForth(): void {
  const RealDate = Date;
  let looks = 0;
  const shifted = () => RealDate.now() + (looks++ % 2 === 0 ? -HOUR : HOUR) * (1 + (looks % 5));

  vi.stubGlobal(
    'Date',
    class extends RealDate {
      constructor(...args: ConstructorParameters<typeof RealDate>) {
        super(...((args.length > 0 ? args : [shifted()]) as [number]));
      }

      static override now(): number {
        return shifted();
      }
    },
  );
}

it('a wall clock that is set back and forth changes no state, no figure and no time', async () => {
  const [call, cut] = await Promise.all([
    Call.begin(backend.router, OFTEN),
    Call.begin(backend.router, OFTEN),
  ]);
  const times: number[] = [];

  await cut.pings(10);

  setClockBackAndForth();

  call.onsample((_, { at }) => times.push(at));
  cut.onsample((_, { at }) => times.push(at));

  cut.relay.impair({ blackout: true });
  await cut.both('suspect');
  cut.relay.impair({ blackout: false });
  await cut.both('alive');
  await call.pings(10);
  vi.unstubAllGlobals();

  call.expectSaid([], []);

  for (const said of [cut.said.server, cut.said.client]) {
    expect(said).toEqual(['suspect: missed-pings', 'alive: recovered']);
  }

  for (const { stats } of [call.server, call.client, cut.server, cut.client]) {
    expect(Math.abs(Date.now() - (stats.lastSeenAt ?? 0))).toBeLessThan(HOUR / 2);
    expect(stats.rtt.p95).toBeLessThan(HOUR / 2);
    expect(stats.rtt.min).toBeGreaterThanOrEqual(0);
    expect(stats.late).toBe(0);
  }

  expect(times).toEqual(times.toSorted((a, b) => a - b));
  call.end();
  cut.end();
});

it('no source of the packages reads the wall clock', () => {
  const sources = globSync('packages/*/src/**/*.ts');

  expect(sources.length).toBeGreaterThan(30);
  // `new Date(at)` puts a time into words.
  expect(sources.filter(path => /\bDate\b(?!\(\w)|hrtime/.test(readFileSync(path, 'utf8')))).toEqual([]);
});
