import { styleText } from 'node:util';
import type { Teller } from './playStory.ts';

const COLOURS: Record<string, 'green' | 'yellow' | 'red'> = {
  alive: 'green',
  suspect: 'yellow',
  dead: 'red',
};

/** Prints the story for people. */
export const printText: Teller = {
  line: ({ at, peer, transport, from, to, reason, detectedAfter }) => {
    const time = `${(at / 1000).toFixed(1)} s`.padStart(7);
    const after = detectedAfter === null ? '' : `  ${(detectedAfter / 1000).toFixed(2)} s after it happened`;

    console.log(
      `${time}  ${peer.padEnd(9)} ${transport}  ${from} → ${styleText(COLOURS[to] ?? 'gray', to)} (${reason})${after}`,
    );
  },
  recovered: ({ at, peer, transport, restoredIn, outage }) => {
    const time = `${(at / 1000).toFixed(1)} s`.padStart(7);
    const media = restoredIn === null ? '' : `, packets back after ${restoredIn} ms`;

    console.log(
      `${time}  ${peer.padEnd(9)} ${transport}  ${styleText('green', 'recovered')} after ${outage} ms of silence${media}`,
    );
  },
  summary: ({ ok, duration, checks }) => {
    console.log();

    for (const check of checks) {
      console.log(
        `${check.ok ? styleText('green', '✓') : styleText('red', '✗')} ${check.name}${check.ok ? '' : `: ${check.detail}`}`,
      );
    }

    console.log(
      `\n${ok ? 'Everything came as it should' : 'Not everything came as it should'}, in ${(duration / 1000).toFixed(0)} s.`,
    );
  },
};
