import { groupVerdict, type Member, type Reason, type State } from '@mediasoup-heartbeat/protocol';
import { describe, expect, it } from 'vitest';

function member(state: State, reason: Reason, at = 1000, lastSeenAt: number | undefined = 900): Member {
  return { state, reason, at, lastSeenAt };
}

const ALIVE = member('alive', 'recovered');
const SUSPECT = member('suspect', 'missed-pings');
const DEAD = member('dead', 'missed-pings');
const PENDING = member('pending', 'no-client-half');

describe('the state of a group', () => {
  it.each([
    ['pending', 'new', []],
    ['pending', 'no-client-half', [PENDING]],
    ['alive', 'recovered', [DEAD, SUSPECT, PENDING, ALIVE]],
    ['suspect', 'missed-pings', [DEAD, PENDING, SUSPECT]],
    ['dead', 'missed-pings', [DEAD, PENDING]],
  ] as const)('is %s (%s) for its members', (state, reason, members) => {
    expect(groupVerdict(members)).toEqual({ state, reason });
    expect(groupVerdict(members.toReversed())).toEqual({ state, reason });
  });

  it('has the reason of the path whose state changed last, among those with that state', () => {
    const members = [
      member('dead', 'sctp-closed', 1000),
      member('dead', 'page-unresponsive', 3000),
      member('dead', 'missed-pings', 2000),
      member('pending', 'new', 9000),
    ];

    expect(groupVerdict(members).reason).toBe('page-unresponsive');
  });
});

describe('a goodbye on one path', () => {
  const goodbye = member('dead', 'goodbye', 5000, 4990);

  it('counts for the participant if it was heard on no path after that', () => {
    const silent = member('dead', 'missed-pings', 10_000, 4950);

    expect(groupVerdict([goodbye, silent])).toEqual({ state: 'dead', reason: 'goodbye' });
  });

  it('counts although a frame that was sent before arrives a moment later on another path', () => {
    expect(groupVerdict([goodbye, member('dead', 'missed-pings', 10_000, 5200)]).reason).toBe('goodbye');
  });

  it('does not count if the participant was heard on another path since', () => {
    expect(groupVerdict([goodbye, member('dead', 'missed-pings', 60_000, 55_000)]).reason).toBe(
      'missed-pings',
    );
  });

  it('does not make a participant dead that is alive on another path', () => {
    expect(groupVerdict([goodbye, ALIVE])).toEqual({ state: 'alive', reason: 'recovered' });
  });
});
