/** Who brings the call back. */
export const CONTENDERS = {
  ours: 'ours',
  'ours-with-hints': 'ours, with the browser’s hints',
  'on-failed': 'the application restarts on `failed`',
  'on-disconnected': 'the application restarts on `disconnected`',
  nothing: 'nothing',
} as const;

export type Contender = keyof typeof CONTENDERS;

export function isOurs(contender: Contender): boolean {
  return contender.startsWith('ours');
}
