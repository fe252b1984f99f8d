import { expect, it, vi } from 'vitest';
import { History } from '../../examples/meeting/server/History.ts';

const loss = { downlink: 0, uplink: undefined };

it('a history tells each page what is new once, and a page that comes later all that was told', () => {
  const history = new History();

  history.point(12, loss);
  history.state('alive', 1);
  history.state('alive', 2);
  history.mark('cut', 3000);
  expect(history.told).toEqual({ points: [], stays: [], marks: [] });

  const fresh = history.tell();

  expect(fresh).toMatchObject({
    points: [{ rtt: 12, downlink: 0, uplink: null }],
    stays: [{ state: 'alive', at: 1 }],
    marks: [{ name: 'cut', duration: 3000 }],
  });
  expect(history.told).toEqual(fresh);
  expect(history.tell()).toEqual({ points: [], stays: [], marks: [] });
});

it('a history forgets what is older than a minute, except the state that lasts', () => {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
  const history = new History();

  history.point(12, loss);
  history.mark('leave');
  history.state('alive', performance.timeOrigin);
  history.tell();
  clock.mockReturnValue(61_000);
  history.tell();
  expect(history.told).toEqual({
    points: [],
    stays: [{ state: 'alive', at: performance.timeOrigin }],
    marks: [],
  });
  clock.mockRestore();
});
