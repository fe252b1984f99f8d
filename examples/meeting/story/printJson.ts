import type { Teller } from './playStory.ts';

/** Prints the story for a program: one JSON object per line, and nothing else. */
export const printJson: Teller = {
  line: line => console.log(JSON.stringify(line)),
  recovered: line => console.log(JSON.stringify(line)),
  summary: summary => console.log(JSON.stringify({ summary })),
};
