import type { Teller } from './playStory.ts';

/** Tells the story to a program: one JSON object a line, and nothing else. */
export const printJson: Teller = {
  line: line => console.log(JSON.stringify(line)),
  summary: summary => console.log(JSON.stringify({ summary })),
};
