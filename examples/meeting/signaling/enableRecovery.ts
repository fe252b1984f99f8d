import { type DeviceHeartbeat, enableHeartbeat } from '@mediasoup-heartbeat/client';
import type { Device } from 'mediasoup-client';
import type { SignalingChannel } from './SignalingChannel.ts';

/** All that a client does for its heartbeat, and to come back when its network has changed. */
export function enableRecovery(device: Device, signaling: SignalingChannel): DeviceHeartbeat {
  return enableHeartbeat(device, {
    recover: {
      // The last resort. `undefined`: the signalling is down, too.
      restart: ({ transport }) =>
        signaling.request('restartIce', { transportId: transport.id }).catch(() => undefined),
    },
  });
}
