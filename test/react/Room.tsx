import type { DeviceHeartbeat, TransportHeartbeat } from '@mediasoup-heartbeat/client';
import {
  useConnectionQuality,
  useConnectionState,
  useHeartbeatStats,
  useTransportHeartbeats,
} from '@mediasoup-heartbeat/react';

type Heartbeats = DeviceHeartbeat | null | undefined;

/** What each component has shown, once per render, in order. */
export const renders: Record<string, string[]> = {};

function note(component: string, text: string): string {
  renders[component] ??= [];
  renders[component].push(text);

  return text;
}

function State({ heartbeats }: { heartbeats: Heartbeats }) {
  return <p id="state">{note('state', useConnectionState(heartbeats))}</p>;
}

function Quality({ heartbeats }: { heartbeats: Heartbeats }) {
  const { downlink, uplink } = useConnectionQuality(heartbeats);

  return <p id="quality">{note('quality', `${downlink.rating} ${downlink.cause} ${uplink.rating}`)}</p>;
}

function Transports({ heartbeats }: { heartbeats: Heartbeats }) {
  const all = useTransportHeartbeats(heartbeats);
  const directions = all.map(({ transport }) => transport.direction).join(' ');

  return <p id="transports">{note('transports', directions)}</p>;
}

function Figures({ heartbeat }: { heartbeat: TransportHeartbeat | undefined }) {
  return <p id="figures">{note('figures', String(useHeartbeatStats(heartbeat)?.at))}</p>;
}

function Known({ heartbeat }: { heartbeat: TransportHeartbeat | undefined }) {
  // Another function in each render, as applications write it.
  return (
    <p id="known">
      {note(
        'known',
        String(useHeartbeatStats(heartbeat, ({ rtt }) => (rtt.last === undefined ? 'unknown' : 'known'))),
      )}
    </p>
  );
}

/** A page of an application that uses all hooks. */
export function Room({ heartbeats }: { heartbeats?: Heartbeats }) {
  const [transport] = heartbeats?.transports.values() ?? [];

  note('room', '');

  return (
    <main>
      <State heartbeats={heartbeats} />
      <Quality heartbeats={heartbeats} />
      <Transports heartbeats={heartbeats} />
      <Figures heartbeat={transport} />
      <Known heartbeat={transport} />
    </main>
  );
}
