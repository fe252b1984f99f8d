import type { DisturbanceName, ProcessSignal } from '../signaling/messages.ts';

/** What is true about the participant while a step of the tour runs. */
export type Truth = 'stays' | 'returns' | 'leaves';

/** A step of the tour. */
export type Step = {
  id: DisturbanceName | ProcessSignal;
  /** The label of its button, and what it does. */
  label: (name: string) => string;
  what: string;
  truth: Truth;
} & ({ disturb: DisturbanceName; seconds: number } | { end: ProcessSignal });

/** The guided tour. */
export const STEPS: readonly Step[] = [
  {
    id: 'mute',
    label: name => `Mute ${name}`,
    what: 'Sends no audio or video for 20 s. Is still there.',
    truth: 'stays',
    disturb: 'mute',
    seconds: 20,
  },
  {
    id: 'cut',
    label: name => `Cut ${name} off for 3 s`,
    what: 'No packet gets through. Then all is well again.',
    truth: 'returns',
    disturb: 'cut',
    seconds: 3,
  },
  {
    id: 'leave',
    label: name => `Close ${name}’s tab`,
    what: 'Is gone at once, and could say so.',
    truth: 'leaves',
    end: 'leave',
  },
  {
    id: 'walk',
    label: name => `Walk ${name} out of the door`,
    what: 'The Wi-Fi is gone. Only a new address gets through.',
    truth: 'returns',
    disturb: 'walk',
    seconds: 60,
  },
];
