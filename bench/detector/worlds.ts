import type { LinkSpec } from './Link.ts';
import type { World } from './World.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** In every world of the comparison the path is sometimes lost: a handover, a router that restarts its radio. */
const RARE_OUTAGE = { every: HOUR, from: 500, to: 4000, least: 2 * MINUTE };

/** The client dies after half an hour. The first two minutes are for learning, and are not counted. */
const LIFE = { life: 30 * MINUTE, learn: 2 * MINUTE, death: 'cut' } as const;

function both(link: LinkSpec): Pick<World, 'down' | 'up'> {
  return { down: link, up: link };
}

const GOOD_WIFI: LinkSpec = {
  delay: 8,
  jitter: 3,
  loss: 0.005,
  spikes: { every: MINUTE, from: 20, to: 150 },
};

const CROWDED_WIFI: LinkSpec = {
  delay: 12,
  jitter: 12,
  loss: 0.01,
  burst: { loss: 0.04, mean: 60 },
  spikes: { every: 10_000, from: 30, to: 250 },
  reorder: 0.02,
};

const MOBILE_4G: LinkSpec = {
  delay: 25,
  jitter: 8,
  loss: 0.005,
  spikes: { every: 45_000, from: 50, to: 400 },
  reorder: 0.01,
};

const EDGE: LinkSpec = {
  delay: 140,
  jitter: 50,
  loss: 0.02,
  spikes: { every: 20_000, from: 200, to: 1500 },
};

const PLAIN: LinkSpec = { delay: 20, jitter: 3 };

/** Nothing passes for a fifth of the time, each way by itself. */
const LONG_BURSTS: LinkSpec = { delay: 20, jitter: 10, burst: { loss: 0.2, mean: 1500 } };

/** 20 % is lost in bursts, in which a fraction gets `through` (Gilbert–Elliott), or nothing (Gilbert). */
function bursty(name: string, mean: number, through: number): World {
  return {
    name,
    about: `20 % loss each way in bursts of ${mean} ms on average that lose ${through > 0 ? '9 of 10' : 'everything'}`,
    ...both({ ...PLAIN, burst: { loss: 0.2 / (1 - through), mean, through } }),
    life: 75 * MINUTE,
    learn: 15 * MINUTE,
    death: 'cut',
  };
}

/** The target includes learning: the client dies after 15 minutes, and false verdicts are not counted. */
function learnedFor15Minutes(world: World): World {
  return { ...world, name: `${world.name}-15min`, life: 15 * MINUTE, learn: 0, spread: 5000 };
}

/** No time for learning: the detector is as old as the client when it dies. */
function fastAfter(name: string, life: number): World {
  return {
    name,
    about: 'RTT 150 ms, 5 % loss each way, no outages',
    ...both({ delay: 72, jitter: 3, loss: 0.05 }),
    life,
    learn: 0,
    spread: 1000,
    death: 'cut',
  };
}

/** RTT 40 ms, without loss or jitter: what a detector says here is all of its memory. */
const PERFECT: LinkSpec = { delay: 20, jitter: 0 };

/** Longer than any life: a single spell. */
const EVER = 1000 * HOUR;

/** The ages, in minutes after a spell of outages, at which {@link forgetting} lets clients die. */
export const FORGETTING_AFTER = [0.5, 2, 10, 30, 60] as const;

/** Five perfect minutes, a spell of outages of one length, and a death on the perfect link some minutes later. */
function forgetting(name: string, count: number, length: number, gap: number): World[] {
  const spell = count * (gap + length);

  return FORGETTING_AFTER.map(minutes => ({
    name: `forget-${name}-${minutes}min`,
    about: `RTT 40 ms, no loss; ${count} outages of ${length / 1000} s, ${gap / 1000} s apart, from minute 5 on, then ${minutes} min without any`,
    ...both(PERFECT),
    outages: {
      every: gap,
      least: gap,
      from: length,
      to: length,
      after: 5 * MINUTE,
      during: { on: spell - 1, of: EVER },
    },
    life: 5 * MINUTE + spell + minutes * MINUTE,
    learn: 0,
    spread: 1000,
    death: 'cut',
  }));
}

/** Spells of outages, and what forgets them: the figure of each is the time to dead after some minutes. */
export const SPELLS: readonly (readonly World[])[] = [
  forgetting('three', 3, 3000, 5000),
  forgetting('ten', 10, 4000, 12_000),
  forgetting('10min', 38, 4000, 12_000),
];

/** Usual networks, in which all detectors are compared. Delays, jitter and loss are for one direction. */
export const SCENARIOS: readonly World[] = [
  {
    ...LIFE,
    name: 'lan',
    about: 'LAN: 0.5 ms, jitter 0.2 ms, loss 0.01 %',
    ...both({ delay: 0.5, jitter: 0.2, loss: 0.0001 }),
    outages: RARE_OUTAGE,
  },
  {
    ...LIFE,
    name: 'good-wifi',
    about: 'good Wi-Fi: 8 ms, jitter 3 ms, loss 0.5 %, a spike of 20–150 ms a minute',
    ...both(GOOD_WIFI),
    outages: RARE_OUTAGE,
  },
  {
    ...LIFE,
    name: 'crowded-wifi',
    about:
      'crowded Wi-Fi: 12 ms, jitter 12 ms, loss 1 % and 4 % more in bursts of 60 ms, a spike of 30–250 ms every 10 s, 2 % out of order',
    ...both(CROWDED_WIFI),
    outages: RARE_OUTAGE,
  },
  {
    ...LIFE,
    name: '4g',
    about: '4G: 25 ms, jitter 8 ms, loss 0.5 %, a spike of 50–400 ms every 45 s, 1 % out of order',
    ...both(MOBILE_4G),
    outages: RARE_OUTAGE,
  },
  {
    ...LIFE,
    name: 'edge',
    about: '3G at its edge: 140 ms, jitter 50 ms, loss 2 %, a spike of 0.2–1.5 s every 20 s',
    ...both(EDGE),
    outages: RARE_OUTAGE,
  },
  {
    ...LIFE,
    name: 'satellite',
    about: 'geostationary satellite: 270 ms, jitter 10 ms, loss 1 %',
    ...both({ delay: 270, jitter: 10, loss: 0.01 }),
    outages: RARE_OUTAGE,
  },
  {
    ...LIFE,
    name: 'train',
    about: 'train: 4G with a tunnel of 1–20 s every 4 minutes',
    ...both(MOBILE_4G),
    outages: { every: 4 * MINUTE, from: 1000, to: 20_000, least: 30_000 },
  },
  {
    ...LIFE,
    name: 'walk-out',
    about: 'out of the door every 5 minutes: loss grows to 70 % in 4–10 s, nothing for 0.5–4 s, then 4G',
    ...both(MOBILE_4G),
    walks: {
      every: 5 * MINUTE,
      from: 4000,
      to: 10_000,
      least: MINUTE,
      peak: 0.7,
      gap: { from: 500, to: 4000 },
    },
  },
  {
    ...LIFE,
    name: 'congested-uplink',
    about:
      'congested uplink: 20 ms, once a minute a queue that grows to 2 s within 4–12 s and drains; loss 1 %, up 2 %',
    down: { delay: 20, jitter: 5, loss: 0.01 },
    up: { delay: 20, jitter: 5, loss: 0.02, bloat: { every: MINUTE, from: 4000, to: 12_000, peak: 2000 } },
    outages: RARE_OUTAGE,
  },
  {
    ...LIFE,
    name: 'busy-server',
    about:
      'good Wi-Fi, and a server that stalls for 0.2–5 s every 20 s and takes 200 ms to read its input after that',
    ...both(GOOD_WIFI),
    stalls: { every: 20_000, from: 200, to: 5000, drain: 200 },
    outages: RARE_OUTAGE,
  },
  {
    ...bursty('bursty', 300, 0.1),
    ...LIFE,
    outages: RARE_OUTAGE,
  },
];

/** Each target in a world of its own, at its hardest. Only our detectors. */
export const PROOFS: readonly World[] = [
  {
    name: 'loss-5',
    about: 'independent loss of 5 % each way, no outages, RTT 46 ms',
    ...both({ ...PLAIN, loss: 0.05 }),
    life: HOUR,
    learn: 0,
    death: 'cut',
  },
  {
    name: 'loss-30',
    about: 'independent loss of 30 % each way (51 % of the round trips), no outages',
    ...both({ ...PLAIN, loss: 0.3 }),
    life: HOUR,
    learn: 0,
    death: 'cut',
  },
  {
    name: 'outages',
    about: 'outages of 0.5–4 s about once a minute on top of 5 % loss each way',
    ...both({ ...PLAIN, loss: 0.05 }),
    life: HOUR,
    learn: 0,
    death: 'cut',
    outages: { every: MINUTE, from: 500, to: 4000, least: 20_000 },
  },
  {
    name: 'outages-4s',
    about: 'outages of exactly 4 s about once a minute on top of 5 % loss each way',
    ...both({ ...PLAIN, loss: 0.05 }),
    life: HOUR,
    learn: 0,
    death: 'cut',
    outages: { every: MINUTE, from: 4000, to: 4000, least: 20_000 },
  },
  {
    name: 'clean-lan',
    about: 'the LAN above without outages; the client dies after 5 clean minutes',
    ...both({ delay: 0.5, jitter: 0.2, loss: 0.0001 }),
    life: 5 * MINUTE,
    learn: 0,
    death: 'cut',
    spread: 5000,
  },
  {
    name: 'clean-wifi',
    about: 'the good Wi-Fi above without outages; the client dies after 5 clean minutes',
    ...both(GOOD_WIFI),
    life: 5 * MINUTE,
    learn: 0,
    death: 'cut',
    spread: 5000,
  },
  {
    name: 'outages-dense',
    about: 'RTT 46 ms, outages of 1–4 s, 10–20 s apart',
    ...both(PLAIN),
    life: 30 * MINUTE,
    learn: 0,
    death: 'cut',
    outages: { every: 15_000, from: 1000, to: 4000, least: 10_000, most: 20_000 },
  },
  {
    name: 'outages-random',
    about: 'RTT 46 ms, outages of 4 s, one a minute on average, with no least time between two',
    ...both(PLAIN),
    life: 30 * MINUTE,
    learn: 0,
    death: 'cut',
    outages: { every: MINUTE, from: 4000, to: 4000 },
  },
  {
    name: 'outages-spells',
    about: 'RTT 46 ms, every 20 minutes a spell of 2 minutes with outages of 0.5–4 s, 2–10 s apart',
    ...both(PLAIN),
    life: HOUR,
    learn: 0,
    death: 'cut',
    outages: {
      every: 6000,
      from: 500,
      to: 4000,
      least: 2000,
      most: 10_000,
      during: { on: 2 * MINUTE, of: 20 * MINUTE },
    },
  },
  {
    name: 'regimes',
    about:
      'RTT 46 ms, 10 minutes with 5 % loss and outages of 0.5–4 s every 15 s (2 s apart at least), 10 good minutes, and so on',
    ...both({ ...PLAIN, loss: 0.02 }),
    life: HOUR - 2 * MINUTE,
    learn: 0,
    death: 'cut',
    outages: {
      every: 15_000,
      from: 500,
      to: 4000,
      least: 2000,
      during: { on: 10 * MINUTE, of: 20 * MINUTE },
    },
  },
  {
    name: 'holds',
    about: 'RTT 40 ms, no loss; every 20 s the radio holds both directions for 1–3 s, then delivers',
    ...both(PERFECT),
    life: 30 * MINUTE,
    learn: 5 * MINUTE,
    death: 'cut',
    holds: { every: 20_000, from: 1000, to: 3000 },
  },
  {
    name: 'wifi-scans',
    about: 'good Wi-Fi whose radio scans for 1.5 s every 30 s: it holds both directions, then delivers',
    ...both(GOOD_WIFI),
    life: 35 * MINUTE,
    learn: 5 * MINUTE,
    death: 'cut',
    holds: { every: 28_500, from: 1500, to: 1500, least: 27_500, most: 29_500 },
  },
  {
    name: 'wifi-scans-1s',
    about: 'the same with scans of 1 s',
    ...both(GOOD_WIFI),
    life: 35 * MINUTE,
    learn: 5 * MINUTE,
    death: 'cut',
    holds: { every: 29_000, from: 1000, to: 1000, least: 28_000, most: 30_000 },
  },
  {
    name: 'sudden-queues',
    about: 'good Wi-Fi, and every 100 s a queue of 1.5 s that is there within 60 ms and drains in 3 s',
    down: GOOD_WIFI,
    up: {
      ...GOOD_WIFI,
      bloat: { every: 97_000, from: 3000, to: 3000, least: 90_000, most: 104_000, peak: 1500, fills: 0.02 },
    },
    life: 35 * MINUTE,
    learn: 5 * MINUTE,
    death: 'cut',
  },
  {
    name: 'queue-3s',
    about:
      'the congested uplink with a queue that grows to 3 s within 4–12 s and drains, once a minute; loss 1 %, up 2 %',
    down: { delay: 20, jitter: 5, loss: 0.01 },
    up: { delay: 20, jitter: 5, loss: 0.02, bloat: { every: MINUTE, from: 4000, to: 12_000, peak: 3000 } },
    life: 30 * MINUTE,
    learn: 2 * MINUTE,
    death: 'cut',
  },
  {
    name: 'stutter',
    about: 'RTT 200 ms, and a server that stalls for 100–500 ms every second',
    ...both({ delay: 97, jitter: 3 }),
    stalls: { every: 700, from: 100, to: 500, least: 600, most: 800, drain: 20 },
    life: 10 * MINUTE,
    learn: 0,
    death: 'cut',
  },
  {
    name: 'satellite-fades',
    about: 'RTT 600 ms, jitter 10 ms, loss 0.5 %; each way fades for 1 s on average (exponential) every 20 s',
    ...both({ delay: 290, jitter: 10, loss: 0.005, burst: { loss: 0.05, mean: 1000 } }),
    life: HOUR,
    learn: 0,
    death: 'cut',
  },
  {
    ...bursty('bursty-1500-total', 1500, 0),
    name: 'bursty-1500-total-learning',
    life: 17 * MINUTE,
    learn: 2 * MINUTE,
  },
  {
    ...bursty('bursty-1500-total', 1500, 0),
    name: 'bursty-1500-total-first',
    life: 15 * MINUTE,
    learn: 0,
  },
  ...[300, 600, 1500].flatMap(mean => [
    bursty(`bursty-${mean}`, mean, 0.1),
    learnedFor15Minutes(bursty(`bursty-${mean}`, mean, 0.1)),
    bursty(`bursty-${mean}-total`, mean, 0),
    learnedFor15Minutes(bursty(`bursty-${mean}-total`, mean, 0)),
  ]),
  fastAfter('fast-10s', 10_000),
  fastAfter('fast-2min', 2 * MINUTE),
  fastAfter('fast-150', HOUR),
  {
    name: 'stalls',
    about:
      'a server that stalls for 0.2–5 s every 10 s, and reads its input within 200 ms after that; 1 % loss',
    ...both({ ...PLAIN, loss: 0.01 }),
    stalls: { every: 10_000, from: 200, to: 5000, drain: 200 },
    life: HOUR,
    learn: 0,
    death: 'cut',
  },
  {
    name: 'freezes',
    about: 'a page that freezes for 1–30 s every 3 minutes, without path probes; good Wi-Fi',
    noPathProbes: true,
    ...both(GOOD_WIFI),
    freezes: { every: 3 * MINUTE, from: 1000, to: 30_000, least: 20_000 },
    life: HOUR,
    learn: 0,
    death: 'cut',
  },
  {
    name: 'freezes-opinion',
    about: 'the same with path probes; the page has been frozen for 20 s when it dies',
    ...both(GOOD_WIFI),
    freezes: { every: 3 * MINUTE, from: 1000, to: 30_000, least: 20_000 },
    frozenBeforeDeath: 20_000,
    life: HOUR,
    learn: 0,
    death: 'cut',
  },
  {
    name: 'goodbye',
    about: 'a page that closes and says goodbye three times, 5 % loss each way',
    ...both({ ...PLAIN, loss: 0.05 }),
    life: 10 * MINUTE,
    learn: MINUTE,
    death: 'cut',
    goodbye: 3,
  },
  {
    name: 'downlink-dies',
    about:
      'only the downlink dies: the server still hears the client, which acknowledges nothing; good Wi-Fi',
    ...both(GOOD_WIFI),
    life: 10 * MINUTE,
    learn: MINUTE,
    death: 'down',
  },
  {
    name: 'uplink-dies',
    about: 'only the uplink dies; good Wi-Fi',
    ...both(GOOD_WIFI),
    life: 10 * MINUTE,
    learn: MINUTE,
    death: 'up',
  },
  {
    name: 'answering',
    about: 'good Wi-Fi, seen by the client, which waits for pings; without path probes',
    ...both(GOOD_WIFI),
    outages: RARE_OUTAGE,
    answering: { timers: 0 },
    life: HOUR,
    learn: 0,
    death: 'cut',
  },
  {
    name: 'answering-4g',
    about: 'the same in 4G',
    ...both(MOBILE_4G),
    outages: RARE_OUTAGE,
    answering: { timers: 0 },
    life: HOUR,
    learn: 0,
    death: 'cut',
  },
  {
    name: 'answering-hidden',
    about: 'good Wi-Fi, seen by the client in a hidden page, whose timers fire at whole seconds',
    ...both(GOOD_WIFI),
    outages: RARE_OUTAGE,
    answering: { timers: 1000 },
    life: HOUR,
    learn: 0,
    death: 'cut',
  },
  {
    name: 'answering-bursts',
    about: '20 % loss in bursts of 1.5 s that lose everything, RTT 60 ms, seen by the client',
    ...both(LONG_BURSTS),
    answering: { timers: 0 },
    life: HOUR,
    learn: 0,
    death: 'cut',
  },
  {
    name: 'answering-hidden-bursts',
    about: 'the same, seen by the client in a hidden page, whose timers fire at whole seconds',
    ...both(LONG_BURSTS),
    answering: { timers: 1000 },
    life: HOUR,
    learn: 0,
    death: 'cut',
  },
];
