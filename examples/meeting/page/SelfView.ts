import type { DeviceHeartbeat, TransportHeartbeat } from '@mediasoup-heartbeat/client';
import { byId, element } from './element.ts';
import { TransportRow } from './TransportRow.ts';

/** How many RTT samples are shown. */
const HISTORY = 60;

/** The own connection as the browser sees it: the state of the server in the client's heartbeat. */
export class SelfView {
  readonly #section = byId('self');
  readonly #list = element('div', { class: 'paths' });
  readonly #summary = element('small');

  constructor(name: string, heartbeats: DeviceHeartbeat) {
    this.#section.replaceChildren(
      element(
        'article',
        { class: 'card' },
        element('h3', {}, `${name}, as your browser sees the server`, this.#summary),
        this.#list,
      ),
    );
    this.#section.hidden = false;

    for (const heartbeat of heartbeats.transports.values()) {
      this.#follow(name, heartbeat);
    }

    const show = () => {
      this.#summary.textContent = heartbeats.state;
    };

    heartbeats.on('statechange', show);
    show();
  }

  hide(): void {
    this.#section.hidden = true;
  }

  #follow(name: string, heartbeat: TransportHeartbeat): void {
    const row = new TransportRow('client', name, heartbeat.transport.direction);
    let rttHistory: (number | null)[] = [];
    let changedAt = Date.now();
    const show = () => {
      const { state, reason, stats } = heartbeat;

      row.show({
        state,
        reason,
        changedAt,
        rtt: stats.rtt.smoothed ?? null,
        rttHistory,
        loss: { downlink: stats.loss.downlink ?? null, uplink: stats.loss.uplink ?? null },
        suspicion: stats.evidence.suspicion,
        hidden: false,
      });
    };

    heartbeat.on('sample', ({ rtt }) => {
      rttHistory = [...rttHistory, rtt].slice(-HISTORY);
    });
    heartbeat.on('stats', show);
    heartbeat.on('statechange', ({ at }) => {
      changedAt = at;
      show();
    });
    this.#list.append(row.element);
    show();
  }
}
