import type { Frame } from '@mediasoup-heartbeat/protocol';
import vectors from '../../../protocol/vectors.json' with { type: 'json' };
import { type Case, defineCase } from '../Case.ts';
import type { Line } from '../Subject.ts';
import type { Trial } from '../Trial.ts';

/** The requirement that a frame breaks, by the error that refuses it. */
const BROKEN: Readonly<Record<string, string>> = {
  empty: 'HB-FRM-2',
  oversized: 'HB-FRM-2',
  version: 'HB-VER-1',
  type: 'HB-FRM-6',
};

async function decodes(trial: Trial, requirement: string, hex: string, frame: object): Promise<void> {
  const { word, rest } = await answerTo(trial, requirement, `decode ${hex}`);

  trial.check(requirement, word === 'decoded', `${hex} is a valid frame, and was refused: ${rest}`);
  trial.check(
    requirement,
    sorted(JSON.parse(rest)) === sorted(frame),
    `${hex} is ${sorted(frame)}, got ${rest}`,
  );
}

function sorted(value: object): string {
  return JSON.stringify(Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))));
}

async function encodes(trial: Trial, frame: Frame, hex: string): Promise<void> {
  const { rest } = await answerTo(trial, 'HB-FRM-1', `encode ${JSON.stringify(frame)}`);

  trial.check('HB-FRM-1', rest === hex, `${JSON.stringify(frame)} is ${hex}, got ${rest}`);
}

function answerTo(trial: Trial, requirement: string, question: string): Promise<Line> {
  const since = trial.now;

  trial.say(question);

  return trial.expect(requirement, `expected an answer to “${question}”`, line => line, { since });
}

const cases: readonly Case[] = [
  ...vectors.valid.map(({ name, frame, hex }) =>
    defineCase(`HB-FRM-1 HB-FRM-4: decodes and encodes “${name}”`, 'client', async trial => {
      await decodes(trial, 'HB-FRM-4', hex, frame);
      await encodes(trial, frame as Frame, hex);
    }),
  ),
  ...vectors.alsoAccepted.map(({ name, frame, hex }) =>
    defineCase(`HB-FRM-3: accepts “${name}”`, 'client', trial => decodes(trial, 'HB-FRM-3', hex, frame)),
  ),
  ...vectors.invalid.map(({ name, hex, error }) => {
    const requirement = BROKEN[error] ?? 'HB-FRM-3';

    return defineCase(`${requirement}: refuses “${name}” (${error})`, 'client', async trial => {
      const { word, rest } = await answerTo(trial, requirement, `decode ${hex}`);

      trial.check(
        requirement,
        word === 'error' && rest === error,
        `${hex} breaks “${error}”, got “${word} ${rest}”`,
      );
    });
  }),
];

/** The vectors, each a case: they need no connection. */
export const vectorCases: readonly Case[] = cases.map(one => ({ ...one, isQuestion: true }));
