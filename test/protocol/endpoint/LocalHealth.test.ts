import { type HealthChange, LocalHealth } from '@mediasoup-heartbeat/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { SERVER_WORLDS, simulateOutage } from '../../../bench/health/outages.ts';

const INTERVAL = 1000;

let told: HealthChange[];
let health: LocalHealth;
let peers: object[];

function heard(count: number, now: number): void {
  for (const peer of peers.slice(0, count)) {
    health.heard(peer, now);
  }
}

function silent(count: number, since: (index: number) => number): void {
  for (const [index, peer] of peers.slice(0, count).entries()) {
    health.fellSilent(peer, since(index), INTERVAL);
  }
}

beforeEach(() => {
  told = [];
  health = new LocalHealth(change => void told.push(change));
  peers = Array.from({ length: 40 }, () => ({}));
});

describe('local health', () => {
  it.each([
    { live: 40, quiet: 30, isWell: false },
    { live: 40, quiet: 29, isWell: true },
    { live: 8, quiet: 6, isWell: false },
    { live: 8, quiet: 5, isWell: true },
    { live: 7, quiet: 7, isWell: true },
  ])('$quiet of $live peers that fall silent at once: well is $isWell', ({ live, quiet, isWell }) => {
    heard(live, 0);
    silent(quiet, () => 0);
    expect(health.isWell(3000)).toBe(isWell);
    expect(told).toEqual(isWell ? [] : [{ isWell: false, peers: live, silent: quiet, at: 3000 }]);
  });

  it('silences that began more than two intervals apart are not one fault', () => {
    heard(40, 0);
    silent(40, index => index * 100);
    expect(health.isWell(6000)).toBe(true);
    silent(40, index => index * 50);
    expect(health.isWell(6050)).toBe(false);
  });

  it('a peer that was never heard does not count', () => {
    heard(4, 0);
    silent(40, () => 0);
    expect(health.isWell(3000)).toBe(true);
  });

  it('a peer that has left does not count', () => {
    heard(8, 0);
    silent(8, () => 0);

    for (const peer of peers.slice(0, 3)) {
      health.leave(peer);
    }

    expect(health.isWell(3000)).toBe(true);
  });

  it('is well again two intervals after most peers are heard, and the last ones have that time to come back', () => {
    heard(40, 0);
    silent(40, () => 0);
    expect(health.isWell(3000)).toBe(false);
    heard(20, 8000);
    expect(health.isWell(8100)).toBe(false);
    expect(health.isWell(8100 + 2 * INTERVAL)).toBe(true);
    expect(told.map(({ isWell }) => isWell)).toEqual([false, true]);
  });

  it('tells that it is well although nobody asks any more', () => {
    heard(40, 0);
    silent(40, () => 0);
    health.isWell(3000);
    heard(40, 8000);
    heard(40, 9000);
    heard(40, 10_100);
    expect(told.at(-1)).toMatchObject({ isWell: true, silent: 0 });
  });
});

describe('a simulated server with 40 clients', () => {
  const outcome = (name: string, isAware: boolean) => {
    const world = SERVER_WORLDS.find(one => one.name === name);

    if (world === undefined) {
      throw new Error(`There is no world "${name}".`);
    }

    return simulateOutage(world, isAware);
  };

  it.each(SERVER_WORLDS)('calls nobody dead wrongly: $name', ({ name }) => {
    expect(outcome(name, true).falseDeaths).toBe(0);
  });

  it('would call all of them dead without local health', () => {
    expect(outcome('all clients are cut for 8 s', false)).toMatchObject({ deaths: 40, falseDeaths: 40 });
  });

  it('judges a single client as ever', () => {
    expect(outcome('one client is cut for good', true)).toEqual(outcome('one client is cut for good', false));
  });

  it('calls all dead that stay away, by the hard limit', () => {
    const { deaths, lastDeath } = outcome('30 clients are cut for good', true);

    expect(deaths).toBe(30);
    expect(lastDeath).toBeLessThanOrEqual(24_850);
  });

  it('calls the one dead that does not come back with the others', () => {
    expect(outcome('all are cut for 8 s, one does not come back', true)).toMatchObject({ deaths: 1 });
  });
});
