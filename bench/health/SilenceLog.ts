import { LocalHealth } from '../../packages/protocol/src/endpoint/LocalHealth.ts';

/** Stands in for the server's health record while clients are simulated one by one, and adds up their silences. */
export class SilenceLog extends LocalHealth {
  /** How many silences of two misses or more there were. */
  count = 0;
  /** How long they lasted together from the second miss on, in ms. */
  total = 0;
  #noticedAt: number | undefined;

  override heard(_peer: object, now: number): void {
    this.total += now - (this.#noticedAt ?? now);
    this.#noticedAt = undefined;
  }

  override fellSilent(peer: object): void {
    this.#noticedAt = (peer as { now: number }).now;
    this.count++;
  }

  /** That client is done. */
  override leave(): void {
    this.#noticedAt = undefined;
  }

  override isWell(): boolean {
    return true;
  }
}
