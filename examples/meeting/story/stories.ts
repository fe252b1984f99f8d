import { ACTION_CHAPTERS } from './actionChapters.ts';
import { CHAPTERS, type Chapter, HEALTHY } from './chapters.ts';
import { RECOVERY_CHAPTERS } from './recoveryChapters.ts';

/** What is played: the chapters of all clients at the same time. */
export type Story = {
  chapters: readonly Chapter[];
  /** A client without a fault, which never sends RTP. It must stay alive throughout. */
  healthy?: { peer: string; title: string };
  /** Whether the clients of the chapters send audio. */
  media: boolean;
};

/** The stories by name. */
export const STORIES = {
  verdicts: { chapters: CHAPTERS, healthy: HEALTHY, media: false },
  recovery: { chapters: RECOVERY_CHAPTERS, media: true },
  actions: { chapters: ACTION_CHAPTERS, media: true },
} satisfies Record<string, Story>;

export type StoryName = keyof typeof STORIES;
