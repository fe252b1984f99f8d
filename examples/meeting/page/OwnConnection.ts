import type { DeviceHeartbeat } from '@mediasoup-heartbeat/client';
import type { Banner } from './Banner.ts';
import { byId } from './element.ts';
import { REASONS, SIGNS, seconds } from './words.ts';

/** The own connection, as the browser judges the server: a banner if it is lost, and a badge for each transport. */
export class OwnConnection {
  readonly #banner: Banner;
  readonly #badge = byId('own');
  #lostAt: number | undefined;

  constructor(banner: Banner) {
    this.#banner = banner;
  }

  follow(heartbeats: DeviceHeartbeat): void {
    const show = () => this.#show(heartbeats);

    heartbeats.on('statechange', show);

    for (const heartbeat of heartbeats.transports.values()) {
      heartbeat.on('statechange', show);
      heartbeat.on('stats', show);
    }

    show();
  }

  hide(): void {
    this.#badge.hidden = true;
    this.#lostAt = undefined;
    this.#banner.clear();
  }

  #show({ state, reason, transports }: DeviceHeartbeat): void {
    if (state === 'closed') {
      return;
    }

    const rtts = [...transports.values()].flatMap(({ stats }) => stats.rtt.smoothed ?? []);
    const rtt = rtts.length > 0 ? `, ${Math.max(...rtts).toFixed(0)} ms` : '';

    this.#badge.hidden = false;
    this.#badge.dataset.state = state;
    this.#badge.textContent = `Server: ${SIGNS[state]} ${state}${rtt}`;
    this.#badge.title = `Your browser judges the server, too: ${REASONS[reason]}`;

    for (const { transport, state } of transports.values()) {
      this.#badge.dataset[transport.direction] = state;
    }

    this.#announce(state === 'suspect' || state === 'dead');
  }

  #announce(isLost: boolean): void {
    if (isLost && this.#lostAt === undefined) {
      this.#lostAt = performance.now();
      this.#banner.warn('Connection lost. Reconnecting…');
    } else if (!isLost && this.#lostAt !== undefined) {
      this.#banner.tell(`Connected again after ${seconds(performance.now() - this.#lostAt)}.`);
      this.#lostAt = undefined;
    }
  }
}
