import type { State } from '../Reason.ts';

/** What a member of a group shows the others. */
export type Fellow = {
  readonly state: State;
  /** Signs of life that were missed in a row. `undefined`: it is not judged, so it proves nothing. */
  readonly misses: number | undefined;
  /** When it heard the peer last, in ms by the caller's clock. `undefined`: never. */
  readonly heardAt: number | undefined;
};

/** Members hear their peer once an interval, each in its own phase. Within so many intervals they fall silent together. */
const TOGETHER = 2;

/** Misses from which on a member is silent. A single one is usually a lost packet. */
const SILENT = 2;

/**
 * The endpoints that judge one peer over several transports, as those of a client's two transports do. The paths share the peer's fate,
 * so what one of them knows is evidence for the others. A group has no state of its own and calls nobody: its members look.
 */
export class PeerGroup {
  readonly #members = new Set<Fellow>();

  /** A member joins. */
  add(member: Fellow): void {
    this.#members.add(member);
  }

  /** A member leaves. */
  delete(member: Fellow): void {
    this.#members.delete(member);
  }

  /**
   * Whether the peer is heard by another member while this one has been silent for some intervals. Then the peer runs, and its path to
   * this member is at fault.
   */
  hearsPeerWithout(silent: Fellow, interval: number): boolean {
    for (const { misses, heardAt } of this.#members) {
      if (misses === 0 && gap(silent.heardAt, heardAt) >= TOGETHER * interval) {
        return true;
      }
    }

    return false;
  }

  /** The worst verdict about the members that fell silent together with this one. `alive`: there is none. */
  worstWith(silent: Fellow, interval: number): State {
    let worst: State = 'alive';

    for (const member of this.#members) {
      const { state, misses = 0, heardAt } = member;

      if (
        member !== silent &&
        worst !== 'dead' &&
        (state === 'dead' || state === 'suspect') &&
        misses >= SILENT &&
        Math.abs(gap(silent.heardAt, heardAt)) < TOGETHER * interval
      ) {
        worst = state;
      }
    }

    return (silent.misses ?? 0) >= SILENT ? worst : 'alive';
  }
}

/** By how much one was heard later than another. `NaN` if either was never heard, which is less than nothing and not more. */
function gap(from = Number.NaN, to = Number.NaN): number {
  return to - from;
}
