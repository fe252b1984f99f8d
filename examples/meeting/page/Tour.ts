import type { Notifications, PeerView } from '../signaling/messages.ts';
import type { Ask } from './ChaosPanel.ts';
import { byId, element } from './element.ts';
import { serverTime } from './serverTime.ts';
import { STEPS, type Step } from './steps.ts';
import type { TimelineList } from './TimelineList.ts';
import { VerdictRow } from './VerdictRow.ts';
import { milliseconds, seconds } from './words.ts';

/** The step that runs. */
type Run = { step: Step; seat: string; name: string; since: number };

type Judge = { row: VerdictRow; verdict: (peer: PeerView) => { state: PeerView['state']; at: number } };

/** Four things that happen to participants, and what three judges say about each, live. */
export class Tour {
  readonly #ask: Ask;
  readonly #timelines: TimelineList;
  readonly #buttons: readonly HTMLButtonElement[];
  readonly #about = byId('about');
  readonly #judges: readonly Judge[];
  #run: Run | undefined;
  #subject: PeerView | undefined;

  constructor(ask: Ask, timelines: TimelineList) {
    this.#ask = ask;
    this.#timelines = timelines;
    this.#buttons = STEPS.map(step => this.#button(step));
    byId('steps').append(...this.#buttons.map(button => element('li', {}, button)));
    this.#judges = [
      {
        row: new VerdictRow('mediasoup-heartbeat', 'ours: ping and pong over a data channel'),
        verdict: ({ state, changedAt }) => ({ state, at: changedAt }),
      },
      {
        row: new VerdictRow('getStats() poll', 'every second; dead after 5 s without RTP'),
        verdict: ({ rtpPoll }) => rtpPoll,
      },
      {
        row: new VerdictRow('ICE consent', 'mediasoup’s own; dead after 30 s'),
        verdict: ({ iceConsent }) => iceConsent,
      },
    ];
    byId('verdicts').append(...this.#judges.map(({ row }) => row.element));
  }

  /** Shows what the judges say now. */
  show({ peers }: Notifications['roster']): void {
    const run = this.#run;
    const followed = run && peers.find(({ seat }) => seat === run.seat);

    this.#subject = subjectOf(peers, run?.seat);

    for (const [index, button] of this.#buttons.entries()) {
      this.#label(button, STEPS[index] as Step);
    }

    const peer = followed ?? this.#subject;

    if (peer === undefined) {
      return;
    }

    this.#about.textContent =
      run === undefined
        ? `What three judges say about ${peer.name} now`
        : `${run.step.label(run.name)}: ${seconds(serverTime() - run.since)} ago${gapOf(peer, run.since)}`;

    const truth = run?.step.truth ?? (peer.state === 'alive' ? 'stays' : undefined);

    for (const [index, { row, verdict }] of this.#judges.entries()) {
      const { state, at } = verdict(peer);

      row.note(state, at);

      if (index === 0 && run !== undefined) {
        row.history(this.#timelines.historyOf(run.seat)?.stays ?? []);
      }

      row.show(state, run?.since, truth);
    }
  }

  #button(step: Step): HTMLButtonElement {
    const label = element('b');
    const button = element(
      'button',
      { type: 'button', 'data-step': step.id },
      label,
      element('span', {}, step.what),
    );

    button.addEventListener('click', () => this.#start(step));

    return button;
  }

  #label(button: HTMLButtonElement, step: Step): void {
    const label = button.firstElementChild as HTMLElement;

    label.textContent = step.label(this.#subject?.name ?? 'a participant');
    // Not `disabled`: a button that has the focus would lose it.
    button.setAttribute('aria-disabled', String(this.#subject === undefined));
    // Not once its label names another participant.
    button.classList.toggle('runs', this.#run?.step === step && this.#run.seat === this.#subject?.seat);
  }

  #start(step: Step): void {
    const subject = this.#subject;

    if (subject === undefined) {
      return;
    }

    this.#run = { step, seat: subject.seat, name: subject.name, since: serverTime() };

    this.#timelines.open(subject.seat);

    for (const { row } of this.#judges) {
      row.clear();
    }

    if ('end' in step) {
      this.#ask('end', { peerId: subject.id, signal: step.end });
    } else {
      // What the step before did ends first.
      this.#ask('restore', { peerId: subject.id });
      this.#ask('disturb', { peerId: subject.id, name: step.disturb, seconds: step.seconds });
    }
  }
}

/** How long nothing got through, if the participant has come back on another path since. */
function gapOf({ recovery }: PeerView, since: number): string {
  return recovery !== undefined && recovery.at > since ? `, gap ${milliseconds(recovery.gap)}` : '';
}

/** Who the tour is about: the participant of the step before, or else the first for whom all judges can be right. */
function subjectOf(peers: readonly PeerView[], seat: string | undefined): PeerView | undefined {
  const fit = peers.filter(({ node, state, audio }) => node && state !== 'dead' && audio !== undefined);

  const heard = fit.filter(({ rtpPoll }) => rtpPoll.state === 'alive');

  return heard.find(peer => peer.seat === seat) ?? heard[0] ?? fit[0];
}
