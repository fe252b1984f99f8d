import type { Figures } from './run.ts';

/** A target of the detector, and what it reached. */
export type Target = { claim: string; wanted: string; reached: string; met: boolean };

/** From this many peer-hours on, the false deaths of two detectors can be compared. */
const ENOUGH_HOURS = 100;

/**
 * Compares the targets with the figures. Targets without figures are left out. A quick run has too few hours to compare
 * the false deaths of detectors.
 */
export function checkTargets(all: readonly Figures[]): Target[] {
  const targets: Target[] = [];

  const of = (scenario: string, detector = 'balanced') =>
    all.find(figures => figures.scenario === scenario && figures.detector === detector);

  const check = (claim: string, wanted: string, reached: string, met: boolean) => {
    targets.push({ claim, wanted, reached, met });
  };

  const checkTimes = (
    scenario: string,
    what: 'suspect' | 'dead' | 'recovery',
    median: number,
    p99: number,
    detector = 'balanced',
  ) => {
    const times = of(scenario, detector)?.[what];

    if (times !== undefined) {
      check(
        `${detector}, ${scenario}: ${what}`,
        `≤ ${median === Number.POSITIVE_INFINITY ? '' : `${seconds(median)} / `}${seconds(p99)} s`,
        `${seconds(times.median)} / ${seconds(times.p99)} s`,
        times.median <= median && times.p99 <= p99,
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
        figures.falseDeadsPer1000Hours <= per1000Hours,
      );
    }
  };

  const checkNoVerdict = (scenario: string) => {
    const figures = of(scenario);

    if (figures !== undefined) {
      const falseSuspects = Math.round((figures.falseSuspectsPerHour ?? 0) * figures.peerHours);

      check(
        `balanced, ${scenario}: false verdicts`,
        'none',
        `${falseSuspects} false suspects and ${figures.falseDeads} false deaths in ${Math.round(figures.peerHours)} h`,
        falseSuspects + figures.falseDeads === 0,
      );
    }
  };

  const checkThaws = (scenario: string) => {
    const figures = of(scenario);

    if (figures !== undefined) {
      check(
        `balanced, ${scenario}: false verdicts within 2 s after a thaw`,
        'none',
        `${figures.afterThaw} in ${Math.round(figures.peerHours)} h`,
        figures.afterThaw === 0,
      );
    }
  };

  const checkFalseSuspects = (scenario: string, most: number) => {
    const perHour = of(scenario)?.falseSuspectsPerHour;

    if (perHour !== undefined) {
      check(
        `balanced, ${scenario}: false suspects`,
        `≤ ${most} per hour`,
        `${perHour} per hour`,
        perHour <= most,
      );
    }
  };

  checkTimes('lan', 'suspect', 1300, 1800);
  checkTimes('good-wifi', 'suspect', 1300, 1800);
  checkTimes('4g', 'suspect', 1400, 2100);
  checkTimes('crowded-wifi', 'suspect', 1500, 2400);
  checkFalseSuspects('good-wifi', 0.3);
  checkFalseSuspects('4g', 0.2);
  checkFalseSuspects('crowded-wifi', 2);
  checkTimes('lan', 'dead', 5300, 5800);
  checkTimes('good-wifi', 'dead', 5300, 5800);
  checkTimes('4g', 'dead', 5400, 6100);
  checkTimes('crowded-wifi', 'dead', 5600, 6600);
  checkFalseDeads('loss-5', 0);
  checkFalseDeads('loss-30', 0);
  checkFalseDeads('outages', 0);
  checkFalseDeads('outages-4s', 0);

  for (const suffix of ['', '-total']) {
    checkTimes(`bursty-300${suffix}-15min`, 'dead', 6500, 8500);
    checkFalseDeads(`bursty-300${suffix}`, 1);
    checkTimes(`bursty-600${suffix}-15min`, 'dead', 10_000, 15_000);
    checkFalseDeads(`bursty-600${suffix}`, 1);
    checkTimes(`bursty-1500${suffix}-15min`, 'dead', Number.POSITIVE_INFINITY, 25_000);
    checkFalseDeads(`bursty-1500${suffix}`, 1);
  }

  for (const scenario of ['fast-10s', 'fast-2min', 'fast-150']) {
    checkTimes(scenario, 'dead', Number.POSITIVE_INFINITY, 2500, 'fast');
  }

  checkFalseDeads('fast-150', 1, 'fast');
  checkNoVerdict('stalls');
  checkThaws('freezes');
  checkThaws('freezes-opinion');
  checkFalseDeads('freezes-opinion', 0);
  checkTimes('freezes-opinion', 'dead', Number.POSITIVE_INFINITY, 7600);
  checkTimes('goodbye', 'dead', Number.POSITIVE_INFINITY, 300);
  // A lost downlink, and a dead server seen from a hidden page.
  checkTimes('downlink-dies', 'dead', 10_000, 10_000);
  checkTimes('answering-hidden', 'dead', 5500, 6310);

  for (const { scenario, detector } of all) {
    if (detector === 'balanced' && (isCompared(scenario, all) || scenario === 'outages')) {
      checkTimes(scenario, 'recovery', 350, 650);
    }
  }

  for (const scenario of ['lan', 'good-wifi', '4g']) {
    const pings = of(scenario)?.pingsPerHour;

    if (pings !== undefined) {
      check(`balanced, ${scenario}: pings`, '≤ 4140 per hour', `${pings} per hour`, pings <= 4140);
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
