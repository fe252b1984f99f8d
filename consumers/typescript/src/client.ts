import { type DeviceHeartbeat, enableHeartbeat, type Reason } from '@mediasoup-heartbeat/client';
import type { Device } from 'mediasoup-client';

export function watch(device: Device, show: (text: string) => void): DeviceHeartbeat {
  const heartbeats = enableHeartbeat(device, { connectIdleAfter: false });

  heartbeats.on('dead', ({ reason, silentFor }) => show(`${reason satisfies Reason}: ${silentFor} ms`));
  heartbeats.on('newtransport', transport => show(transport.id));

  for (const transport of heartbeats.transports.values()) {
    show(`${transport.state}: ${transport.report?.rtt ?? 'unknown'}`);
  }

  // @ts-expect-error There is no such option.
  enableHeartbeat(device, { intervall: 1000 });

  return heartbeats;
}
