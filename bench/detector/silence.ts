import { DEATH_WEIGHT, SUSPICION_WEIGHT } from '../../packages/protocol/src/detector/bounds.ts';
import { resolveDetectorOptions } from '../../packages/protocol/src/detector/options.ts';
import type { Judgement } from './Contender.ts';
import { OwnServer } from './OwnServer.ts';

const WIDTH = 720;
const HEIGHT = 400;
const LEFT = 50;
const RIGHT = 150;
const TOP = 40;
const BOTTOM = 70;

/** What the axes show: seconds since the last answer, and weight. */
const SECONDS = 6;
const WEIGHT = 24;

/** The client has answered for five minutes when it dies, over a round trip of 40 ms. In ms. */
const LIFE = 300_000;
const RTT = 40;

/** What one moment of a silence weighs, in s since the last answer. */
type Moment = { at: number; weight: number; after: number; state: Judgement };

/** A silence as `balanced` judges it: the weight after each miss, when the probes left, and when the state changed. */
function judged(): { moments: Moment[]; probes: number[] } {
  const server = new OwnServer(resolveDetectorOptions());
  const answers: { at: number; seq: number }[] = [];
  const moments: Moment[] = [];
  const probes: number[] = [];

  server.start(0, 1000);

  for (let seq = 0, state: Judgement = 'alive'; state !== 'dead'; ) {
    const [answer] = answers;
    const now = Math.min(server.judgeAt, answer?.at ?? Number.POSITIVE_INFINITY);

    if (answer !== undefined && answer.at === now) {
      answers.shift();
      server.answered(answer.seq, RTT, now);
    } else {
      server.timeout(now);
    }

    if (server.takePathProbe()) {
      server.path(0, now);
    }

    state = server.judge();

    const { since, weight, afterOutage } = server.silence;
    const at = (now - since) / 1000;

    if (server.takePing()) {
      if (now < LIFE) {
        answers.push({ at: now + RTT, seq });
      } else {
        probes.push(at);
      }

      seq++;
    }

    if (now >= LIFE) {
      moments.push({ at, weight, after: afterOutage.weight, state });
    }
  }

  return { moments, probes };
}

/** The picture of a silence being judged, as SVG. */
export function silencePicture(): string {
  const { moments, probes } = judged();
  const { suspectAfter, deadAfter } = resolveDetectorOptions();
  const suspectAt = moments.find(({ state }) => state === 'suspect')?.at ?? 0;
  const deadAt = moments.at(-1)?.at ?? 0;

  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    `<text x="${LEFT}" y="22" font-size="15">A silence being judged: balanced, RTT ${RTT} ms, a link that was clean for 5 minutes</text>`,
    band(0, suspectAt, '#e8f5e9', 'alive'),
    band(suspectAt, deadAt, '#fff3cd', 'suspect'),
    band(deadAt, SECONDS, '#f8d7da', 'dead'),
    level(SUSPICION_WEIGHT, `suspicion: ${SUSPICION_WEIGHT}`),
    level(DEATH_WEIGHT, `death: ${DEATH_WEIGHT}`),
    bound(suspectAfter / 1000, 'suspectAfter'),
    bound(deadAfter / 1000, 'deadAfter'),
    line(
      moments.map(({ at, weight }) => [at, weight]),
      '#c0392b',
    ),
    line(
      moments.map(({ at, after }) => [at, after]),
      '#34609a',
    ),
    `<text x="${WIDTH - RIGHT + 8}" y="${TOP + 12}" fill="#c0392b">weight of all misses</text>`,
    `<text x="${WIDTH - RIGHT + 8}" y="${down(8)}" fill="#34609a">of those that no</text>`,
    `<text x="${WIDTH - RIGHT + 8}" y="${down(8) + 14}" fill="#34609a">4 s outage explains</text>`,
    ...probes.map(
      at =>
        `<line x1="${across(at)}" y1="${HEIGHT - BOTTOM}" x2="${across(at)}" y2="${HEIGHT - BOTTOM + 9}" stroke="#333"/>`,
    ),
    `<text x="${WIDTH - RIGHT + 8}" y="${HEIGHT - BOTTOM + 9}">pings and probes</text>`,
    ...Array.from(
      { length: SECONDS + 1 },
      (_, s) => `<text x="${across(s)}" y="${HEIGHT - BOTTOM + 26}" text-anchor="middle">${s}</text>`,
    ),
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 22}" text-anchor="middle">seconds since the last answer</text>`,
    `<text transform="translate(16 ${HEIGHT / 2}) rotate(-90)" text-anchor="middle">weight: −ln P(silence | alive)</text>`,
    '</svg>',
  ].join('\n')}\n`;
}

function band(from: number, to: number, color: string, state: string): string {
  return (
    `<rect x="${across(from)}" y="${TOP}" width="${across(to) - across(from)}" height="${HEIGHT - BOTTOM - TOP}" fill="${color}"/>` +
    `<text x="${across((from + to) / 2)}" y="${TOP + 14}" text-anchor="middle">${state}</text>`
  );
}

function level(weight: number, label: string): string {
  return (
    `<line x1="${LEFT}" y1="${down(weight)}" x2="${WIDTH - RIGHT}" y2="${down(weight)}" stroke="#666" stroke-dasharray="4 3"/>` +
    `<text x="${WIDTH - RIGHT + 8}" y="${down(weight) + 4}">${label}</text>`
  );
}

function bound(s: number, label: string): string {
  return (
    `<line x1="${across(s)}" y1="${TOP + 22}" x2="${across(s)}" y2="${HEIGHT - BOTTOM}" stroke="#666" stroke-dasharray="1 3"/>` +
    `<text x="${across(s) - 4}" y="${HEIGHT - BOTTOM - 6}" text-anchor="end">${label}</text>`
  );
}

/** A line in steps: a weight stays until the next miss. */
function line(points: readonly (readonly [number, number])[], color: string): string {
  const steps = points.map(([s, weight], index) =>
    index === 0 ? `M${across(s)} ${down(weight)}` : `H${across(s)} V${down(weight)}`,
  );

  return `<path d="${steps.join(' ')}" fill="none" stroke="${color}" stroke-width="2"/>`;
}

function across(s: number): number {
  return Math.round(LEFT + (s / SECONDS) * (WIDTH - LEFT - RIGHT));
}

function down(weight: number): number {
  return Math.round(HEIGHT - BOTTOM - (Math.min(WEIGHT, weight) / WEIGHT) * (HEIGHT - BOTTOM - TOP - 20));
}
