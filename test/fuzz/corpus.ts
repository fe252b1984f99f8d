import { readFileSync } from 'node:fs';
import type { Outcome } from './examine.ts';

/** A frame of the corpus, and its outcome. */
export type Entry = { name: string; bytes: Uint8Array; outcome: Outcome };

type Vectors = {
  valid: { name: string; hex: string }[];
  alsoAccepted: { name: string; hex: string }[];
  invalid: { name: string; hex: string; error: Outcome }[];
};

/** The frames of corpus/frames.json, and the vectors of PROTOCOL.md. */
export function readCorpus(): Entry[] {
  const frames = read<{ name: string; hex: string; outcome: Outcome }[]>('corpus/frames.json');
  const { valid, alsoAccepted, invalid } = read<Vectors>('../../packages/protocol/vectors.json');

  return [
    ...frames,
    ...[...valid, ...alsoAccepted].map(vector => ({ ...vector, outcome: 'accepted' as const })),
    ...invalid.map(vector => ({ ...vector, outcome: vector.error })),
  ].map(({ name, hex, outcome }) => ({ name, outcome, bytes: new Uint8Array(Buffer.from(hex, 'hex')) }));
}

function read<T>(path: string): T {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
}
