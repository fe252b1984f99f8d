import type { Reason, State } from '@mediasoup-heartbeat/server';
import { describe, expect, it } from 'vitest';
import { judge } from './judge.ts';
import type { Blocking, Said, Truth } from './Truth.ts';

const BEGINNING = 1_000_000;

const said = (at: number, state: State, reason: Reason): Said => ({ at: BEGINNING + at, state, reason });
const block = (kind: Blocking['kind'], from: number, to: number): Blocking => ({
  kind,
  from: BEGINNING + from,
  to: BEGINNING + to,
});

const GOODBYE = said(100_020, 'dead', 'goodbye');
const DOUBT = [said(21_500, 'suspect', 'missed-pings'), said(24_100, 'alive', 'recovered')];
const DEATH = [
  said(21_500, 'suspect', 'missed-pings'),
  said(25_500, 'dead', 'missed-pings'),
  said(32_100, 'alive', 'recovered'),
];

/** A client that says goodbye after 100 s, with more facts. */
function truth(more: Partial<Truth>): Truth {
  return {
    peer: 'peer',
    from: BEGINNING,
    blockings: [],
    impairments: [],
    restarts: [],
    end: { kind: 'goodbye', at: BEGINNING + 100_000 },
    until: BEGINNING + 100_500,
    server: [GOODBYE],
    client: [],
    ...more,
  };
}

const complaints = (more: Partial<Truth>) =>
  judge(truth(more)).map(complaint => complaint.split('\n')[0]?.replace('peer, ', ''));

describe('the soak judge, without a complaint', () => {
  it.each<[string, Partial<Truth>]>([
    ['nothing done and nothing said', {}],
    [
      'a short cut that is noticed',
      { blockings: [block('cut', 20_000, 24_000)], server: [...DOUBT, GOODBYE], client: DOUBT },
    ],
    ['a very short one that is not', { blockings: [block('cut', 20_000, 21_000)] }],
    [
      'a long one that kills',
      { blockings: [block('cut', 20_000, 32_000)], server: [...DEATH, GOODBYE], client: DEATH },
    ],
    [
      'a stop, of which the client knows nothing',
      { blockings: [block('stop', 20_000, 32_000)], server: [...DEATH, GOODBYE] },
    ],
    [
      'a kill',
      {
        blockings: [block('stop', 20_000, Number.POSITIVE_INFINITY)],
        end: { kind: 'kill', at: BEGINNING + 20_000 },
        until: BEGINNING + 25_501,
        server: DEATH.slice(0, 2),
      },
    ],
    [
      'a doubt on a bad path',
      { impairments: [{ from: BEGINNING + 20_000, to: BEGINNING + 30_000 }], server: [...DOUBT, GOODBYE] },
    ],
    [
      'a goodbye that was lost in a cut',
      {
        blockings: [block('cut', 95_000, 99_000)],
        server: [said(97_000, 'suspect', 'missed-pings'), said(100_400, 'dead', 'missed-pings')],
        client: [said(97_000, 'suspect', 'missed-pings'), said(99_100, 'alive', 'recovered')],
      },
    ],
  ])('the judge does not complain about %s', (_, more) => {
    expect(complaints(more)).toEqual([]);
  });
});

describe('the soak judge, with a complaint', () => {
  it.each<[string, Partial<Truth>, string[]]>([
    [
      'a suspicion without a cause',
      { server: [...DOUBT, GOODBYE] },
      ['server half: suspect at 21.50 s without a cause'],
    ],
    [
      'a death by a cut that everybody survives',
      { blockings: [block('cut', 20_000, 23_500)], server: [...DEATH, GOODBYE], client: DOUBT },
      ['server half: dead at 25.50 s without a cause'],
    ],
    [
      'a death on a bad path',
      { impairments: [{ from: BEGINNING + 20_000, to: BEGINNING + 30_000 }], client: DEATH },
      ['client half: dead at 25.50 s without a cause'],
    ],
    [
      'a death that no suspicion came before',
      { blockings: [block('cut', 20_000, 32_000)], server: [...DEATH.slice(1), GOODBYE], client: DEATH },
      [
        'server half: dead at 25.50 s without having been suspect',
        'server half: the outage of 12.00 s at 20.00 s was not noticed',
      ],
    ],
    [
      'a cut that nobody notices',
      { blockings: [block('cut', 20_000, 24_000)] },
      [
        'server half: the outage of 4.00 s at 20.00 s was not noticed',
        'client half: the outage of 4.00 s at 20.00 s was not noticed',
      ],
    ],
    [
      'a long one that does not kill',
      { blockings: [block('cut', 20_000, 32_000)], server: [...DOUBT, GOODBYE], client: DEATH },
      ['server half: the outage of 12.00 s at 20.00 s was not death'],
    ],
    [
      'who does not recover',
      { blockings: [block('stop', 20_000, 32_000)], server: [...DEATH.slice(0, 2), GOODBYE] },
      ['server half: the outage of 12.00 s at 20.00 s was not recovered from'],
    ],
    [
      'a goodbye that was not heard',
      { server: [] },
      ['server half: it said goodbye, and it was not dead in the end'],
    ],
    [
      'a goodbye that was taken for something else',
      { server: [said(100_100, 'suspect', 'missed-pings'), said(100_400, 'dead', 'missed-pings')] },
      ['server half: it said goodbye, and was dead for missed-pings'],
    ],
    [
      'a kill that goes unnoticed',
      {
        blockings: [block('stop', 20_000, Number.POSITIVE_INFINITY)],
        end: { kind: 'kill', at: BEGINNING + 20_000 },
        server: [],
      },
      ['server half: its process was killed, and it was not dead in the end'],
    ],
    [
      'a reason that nobody gave',
      { server: [said(50_000, 'dead', 'protocol-violation')] },
      [
        'server half: dead at 50.00 s for protocol-violation, which nobody gave cause for',
        'server half: it said goodbye, and was dead for protocol-violation',
      ],
    ],
  ])('the judge complains about %s', (_, more, expected) => {
    expect(complaints(more)).toEqual(expected);
  });
});
