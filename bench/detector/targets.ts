import type { Figures } from './run.ts';

/** A target of the detector, and what it reached. */
export type Target = {
  claim: string;
  wanted: string;
  reached: string;
  /** The peer-hours that the result rests on. */
  hours: number;
  /** Whether it is met, or that only a full run has the hours to show it. */
  met: boolean | 'full run';
};

/** From this many peer-hours on, the false deaths of two detectors can be compared. */
const ENOUGH_HOURS = 100;

/** A rate is shown to be small where so many of its events would have been expected: with 95 % certainty there is one of three. */
const EXPECTED = 3;

/** Order statistics of fewer deaths than this are too rough to compare with a target. */
const ENOUGH_DEATHS = 100;

/** The shortest time to dead: an interval at worst, half of it in the median, and the longest outage to be survived. In ms. */
const OPTIMUM = { median: 4500, p99: 5000 };

/** A clean link may be this far above the optimum and its RTT, in ms. */
const ABOVE_OPTIMUM = 350;

/** Compares the targets with the figures. Targets without figures are left out. */
export function checkTargets(all: readonly Figures[]): Target[] {
  const targets: Target[] = [];

  const of = (scenario: string, detector = 'balanced') =>
    all.find(figures => figures.scenario === scenario && figures.detector === detector);

  const check = (
    claim: string,
    wanted: string,
    reached: string,
    hours: number,
    met: boolean,
    isShown = true,
  ) => {
    targets.push({ claim, wanted, reached, hours: Math.round(hours), met: isShown ? met : 'full run' });
  };

  const checkTimes = (
    scenario: string,
    what: 'suspect' | 'dead' | 'recovery',
    median: number,
    p99: number,
    detector = 'balanced',
  ) => {
    const figures = of(scenario, detector);
    const times = figures?.[what];

    if (figures !== undefined && times !== undefined) {
      check(
        `${detector}, ${scenario}: ${what}`,
        `≤ ${median === Number.POSITIVE_INFINITY ? '' : `${seconds(median)} / `}${seconds(p99)} s`,
        `${seconds(times.median)} / ${seconds(times.p99)} s`,
        figures.peerHours,
        times.median <= median && times.p99 <= p99,
        what === 'recovery' || times.samples >= ENOUGH_DEATHS,
      );
    }
  };

  const checkFalseDeads = (scenario: string, per1000Hours: number, detector = 'balanced') => {
    const figures = of(scenario, detector);

    if (figures !== undefined) {
      check(
        `${detector}, ${scenario}: false deaths`,
        per1000Hours === 0 ? 'none' : `≤ ${per1000Hours} per 1,000 h`,
        `${figures.falseDeads} in ${Math.round(figures.peerHours)} h${figures.outages > 0 ? ` and ${figures.outages} outages` : ''}`,
        figures.peerHours,
        figures.falseDeadsPer1000Hours <= per1000Hours,
        figures.peerHours * Math.max(1, per1000Hours) >= EXPECTED * 1000,
      );
    }
  };

  const checkNone = (scenario: string, claim: string, count: (figures: Figures) => number) => {
    const figures = of(scenario);

    if (figures !== undefined) {
      check(
        `balanced, ${scenario}: ${claim}`,
        'none',
        `${count(figures)} in ${Math.round(figures.peerHours)} h`,
        figures.peerHours,
        count(figures) === 0,
        figures.peerHours >= ENOUGH_HOURS,
      );
    }
  };

  const checkFalseSuspects = (scenario: string, most: number) => {
    const figures = of(scenario);

    if (figures?.falseSuspectsPerHour !== undefined) {
      check(
        `balanced, ${scenario}: false suspects`,
        `≤ ${most} per hour`,
        `${figures.falseSuspectsPerHour} per hour`,
        figures.peerHours,
        figures.falseSuspectsPerHour <= most,
        figures.peerHours * most >= EXPECTED,
      );
    }
  };

  const { POSITIVE_INFINITY: ANY } = Number;
  const nearOptimum = (rtt: number) =>
    [OPTIMUM.median + ABOVE_OPTIMUM + rtt, OPTIMUM.p99 + ABOVE_OPTIMUM + rtt] as const;

  // What it remembers, and what it learns.
  checkTimes('lan', 'suspect', 1180, 1660);
  checkTimes('lan', 'dead', 4950, 5440);
  checkTimes('good-wifi', 'suspect', 1210, 1720);
  checkTimes('good-wifi', 'dead', 5030, 5520);
  checkTimes('4g', 'suspect', 1300, 1870);
  checkTimes('4g', 'dead', 5100, 5610);
  checkTimes('clean-lan', 'dead', ...nearOptimum(1));
  checkTimes('clean-wifi', 'dead', ...nearOptimum(22));
  checkTimes('forget-ten-2min', 'dead', 8000, 8000);
  checkTimes('forget-ten-10min', 'dead', 5800, 5800);
  checkTimes('outages-dense', 'dead', 9000, 12_000);
  checkFalseDeads('outages-dense', 0);
  checkTimes('outages-random', 'dead', ANY, 9000);
  checkFalseDeads('outages', 0);
  checkFalseDeads('outages-4s', 0);
  checkFalseDeads('bursty-1500-total-learning', 100);
  checkFalseDeads('bursty-1500-total', 1);
  checkTimes('bursty-1500-total-15min', 'dead', ANY, 25_000);
  checkTimes('bursty-1500-15min', 'dead', ANY, 16_000);
  checkFalseDeads('satellite-fades', 20);
  checkFalseSuspects('wifi-scans', 10);
  checkTimes('queue-3s', 'dead', ANY, 9000);
  checkTimes('downlink-dies', 'dead', ANY, 10_000);
  checkTimes('answering-hidden', 'dead', 5500, 6310);

  // What it has always been held to.
  checkTimes('crowded-wifi', 'suspect', 1500, 2400);
  checkFalseSuspects('good-wifi', 0.3);
  checkFalseSuspects('4g', 0.2);
  checkFalseSuspects('crowded-wifi', 2);
  checkTimes('crowded-wifi', 'dead', 5600, 6600);
  checkFalseDeads('loss-5', 0);
  checkFalseDeads('loss-30', 0);

  for (const suffix of ['', '-total']) {
    checkTimes(`bursty-300${suffix}-15min`, 'dead', 6500, 8500);
    checkFalseDeads(`bursty-300${suffix}`, 1);
    checkTimes(`bursty-600${suffix}-15min`, 'dead', 10_000, 15_000);
    checkFalseDeads(`bursty-600${suffix}`, 1);
  }

  checkFalseDeads('bursty-1500', 1);

  for (const scenario of ['fast-10s', 'fast-2min', 'fast-150']) {
    checkTimes(scenario, 'dead', ANY, 2500, 'fast');
  }

  checkFalseDeads('fast-150', 1, 'fast');
  checkNone('stalls', 'false verdicts', ({ falseSuspectsPerHour = 0, peerHours, falseDeads }) =>
    Math.round(falseSuspectsPerHour * peerHours + falseDeads),
  );
  checkNone('freezes', 'false verdicts within 2 s after a thaw', ({ afterThaw }) => afterThaw);
  checkNone('freezes-opinion', 'false verdicts within 2 s after a thaw', ({ afterThaw }) => afterThaw);
  checkFalseDeads('freezes-opinion', 0);
  checkTimes('freezes-opinion', 'dead', ANY, 7600);
  checkTimes('goodbye', 'dead', ANY, 300);

  for (const { scenario, detector } of all) {
    if (detector === 'balanced' && (isCompared(scenario, all) || scenario === 'outages')) {
      checkTimes(scenario, 'recovery', 350, 650);
    }
  }

  for (const scenario of ['lan', 'good-wifi', '4g']) {
    const figures = of(scenario);

    if (figures !== undefined) {
      const { pingsPerHour: pings, peerHours } = figures;

      check(`balanced, ${scenario}: pings`, '≤ 4140 per hour', `${pings} per hour`, peerHours, pings <= 4140);
    }
  }

  for (const figures of all.filter(
    ({ detector, peerHours }) => detector === 'balanced' && peerHours >= ENOUGH_HOURS,
  )) {
    const better = betterRivals(figures, all);

    if (isCompared(figures.scenario, all)) {
      check(
        `balanced, ${figures.scenario}: other detectors at least as good in both the median time to dead and false deaths`,
        'none',
        better.length > 0 ? better.map(({ detector }) => detector).join(', ') : 'none',
        figures.peerHours,
        better.length === 0,
      );
    }
  }

  return targets;
}

/** Whether the other detectors run in a world, too. */
function isCompared(world: string, all: readonly Figures[]): boolean {
  return all.some(({ scenario, detector }) => scenario === world && detector === 'missed-5');
}

/** The other detectors that are as fast as ours in the same world, without more false deaths. */
export function betterRivals(ours: Figures, all: readonly Figures[]): Figures[] {
  return all.filter(
    rival =>
      rival.scenario === ours.scenario &&
      !['balanced', 'fast', 'patient'].includes(rival.detector) &&
      rival.dead !== undefined &&
      ours.dead !== undefined &&
      rival.dead.median <= ours.dead.median &&
      rival.falseDeadsPer1000Hours <= ours.falseDeadsPer1000Hours,
  );
}

export function seconds(ms: number): string {
  return (ms / 1000).toFixed(2);
}
