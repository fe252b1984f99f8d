import { type ClosePlan, CloseSchedule } from '@mediasoup-heartbeat/protocol';
import { beforeEach, describe, expect, it } from 'vitest';

const PLAN: ClosePlan = { grace: 10_000, maxPerSecond: 50 };
const UNLIMITED = 10_000;

let schedule: CloseSchedule<{ name: string }>;
let isWell: boolean;

beforeEach(() => {
  schedule = new CloseSchedule();
  isWell = true;
});

/** Runs the schedule as its caller does, until nobody waits or it is later than `until`. Returns who is closed and when. */
function run(until = Number.POSITIVE_INFINITY): [name: string, at: number][] {
  const closed: [string, number][] = [];

  for (
    let at = schedule.nextTimeout;
    at < Number.POSITIVE_INFINITY && at <= until;
    at = schedule.nextTimeout
  ) {
    for (const client of schedule.take(() => isWell, at)) {
      closed.push([client.name, at]);
      schedule.delete(client);
    }
  }

  return closed;
}

describe('a dead client', () => {
  it('is closed when its grace is over, once', () => {
    schedule.add({ name: 'a' }, PLAN, false, 1000);
    expect(run()).toEqual([['a', 11_000]]);
    expect(schedule.nextTimeout).toBe(Number.POSITIVE_INFINITY);
  });

  it('is not taken a second time while the caller asks the application', () => {
    schedule.add({ name: 'a' }, PLAN, false, 0);
    expect(schedule.take(() => true, 10_000)).toHaveLength(1);
    expect(schedule.nextTimeout).toBe(Number.POSITIVE_INFINITY);
    expect(schedule.take(() => true, 99_000)).toEqual([]);
  });

  it('is closed at once after a goodbye, whatever its grace and the health of the server', () => {
    isWell = false;
    schedule.add({ name: 'a' }, PLAN, true, 1000);
    expect(run()).toEqual([['a', 1000]]);
  });

  it('is not closed if it is deleted first', () => {
    const client = { name: 'a' };

    schedule.add(client, PLAN, false, 0);
    schedule.delete(client);
    expect(run()).toEqual([]);
  });

  it('has its whole grace again if it is added again', () => {
    const client = { name: 'a' };

    schedule.add(client, PLAN, false, 0);
    schedule.add(client, PLAN, false, 9000);
    expect(run()).toEqual([['a', 19_000]]);
  });

  it('waits while it shows signs of life, for at most a minute beyond its grace', () => {
    const client = { name: 'a' };
    let times = 0;

    schedule.add(client, PLAN, false, 0);

    for (let at = schedule.nextTimeout; times < 99; at = schedule.nextTimeout) {
      const [due] = schedule.take(() => true, at);

      if (due === undefined || !schedule.postpone(due, 5000, at)) {
        break;
      }

      times++;
    }

    // From 10 s to 65 s. At 70 s it is closed.
    expect(times).toBe(12);
    expect(schedule.postpone(client, 5000, 70_000)).toBe(false);
  });
});

it('closes 2,000 clients that die within a moment, all of them in order, and none that has come back', () => {
  const clients = Array.from({ length: 2000 }, (_, index) => ({ name: String(index) }));

  for (const [index, client] of clients.entries()) {
    schedule.add(client, { grace: 1000, maxPerSecond: UNLIMITED }, false, Math.floor(index / 100));
    // The caller sets its timer each time.
    expect(schedule.nextTimeout).toBe(1000);
  }

  for (const client of clients.slice(0, 1000)) {
    schedule.delete(client);
  }

  const names = run().map(([name]) => name);

  expect(names).toEqual(clients.slice(1000).map(({ name }) => name));
});

describe('a server that is unwell', () => {
  it('closes nobody, and gives each client its grace once it is well', () => {
    schedule.add({ name: 'a' }, PLAN, false, 0);
    isWell = false;
    expect(run(15_000)).toEqual([]);
    isWell = true;
    expect(run()).toEqual([['a', 25_250]]);
  });

  it('closes clients that have no grace as soon as it is well', () => {
    schedule.add({ name: 'a' }, { ...PLAN, grace: 0 }, false, 0);
    isWell = false;
    expect(run(15_000)).toEqual([]);
    isWell = true;
    expect(run()).toEqual([['a', 15_250]]);
  });

  it('closes clients after one more minute if it is never well again', () => {
    schedule.add({ name: 'a' }, PLAN, false, 0);
    isWell = false;
    expect(run()).toEqual([['a', 70_000]]);
  });

  it('keeps no other client waiting whose part of the server is well', () => {
    const unwell = { name: 'unwell' };

    schedule.add(unwell, PLAN, false, 0);
    schedule.add({ name: 'well' }, PLAN, false, 0);
    expect(schedule.take(client => client !== unwell, 10_000)).toEqual([{ name: 'well' }]);
  });
});

describe('the limit', () => {
  it('closes at most so many clients in any second, those that died first in front', () => {
    for (let index = 0; index < 100; index++) {
      schedule.add({ name: String(index) }, { grace: 0, maxPerSecond: 7 }, false, index);
    }

    const closed = run();

    expect(closed.map(([name]) => Number(name))).toEqual(Array.from({ length: 100 }, (_, index) => index));

    for (const [, at] of closed) {
      expect(closed.filter(([, other]) => other >= at && other < at + 1000).length).toBeLessThanOrEqual(7);
    }

    // As fast as the limit allows.
    expect(closed.at(-1)?.[1]).toBeLessThan(15_000);
  });

  it('closes clients first that said goodbye', () => {
    const plan = { grace: 0, maxPerSecond: 1 };

    schedule.add({ name: 'silent' }, plan, false, 0);
    schedule.add({ name: 'left' }, plan, true, 0);
    expect(run()).toEqual([
      ['left', 0],
      ['silent', 1000],
    ]);
  });

  it('counts the closes of all plans, each against its own limit', () => {
    for (let index = 0; index < 3; index++) {
      schedule.add({ name: `fast ${index}` }, { grace: 0, maxPerSecond: UNLIMITED }, false, 0);
    }

    schedule.add({ name: 'slow' }, { grace: 0, maxPerSecond: 2 }, false, 0);
    expect(run()).toEqual([
      ['fast 0', 0],
      ['fast 1', 0],
      ['fast 2', 0],
      ['slow', 1000],
    ]);
  });

  it('does not count a client that still waits for the server to be well', () => {
    const held = { name: 'held' };
    const plan = { grace: 0, maxPerSecond: 1 };

    schedule.add(held, plan, false, 0);
    schedule.add({ name: 'other' }, plan, false, 1);
    expect(schedule.take(client => client !== held, 1)).toEqual([{ name: 'other' }]);
  });
});

describe('a process that stood still', () => {
  it('gives that time again to clients that became due meanwhile, up to their grace', () => {
    schedule.add({ name: 'a' }, { grace: 500, maxPerSecond: 50 }, false, 0);
    schedule.add({ name: 'b' }, { grace: 5000, maxPerSecond: 50 }, false, 0);
    schedule.stalled(2000, 6000);
    expect(run()).toEqual([
      ['a', 6500],
      ['b', 8000],
    ]);
  });

  it('changes nothing for clients that are not due, or that said goodbye', () => {
    schedule.add({ name: 'later' }, PLAN, false, 0);
    schedule.add({ name: 'left' }, PLAN, true, 0);
    schedule.stalled(2000, 6000);
    expect(schedule.take(() => true, 6000)).toEqual([{ name: 'left' }]);
    expect(schedule.nextTimeout).toBe(10_000);
  });
});
