import type { types } from 'mediasoup-client';
import { type ClientHeartbeatOptions, resolveClientOptions } from './ClientHeartbeatOptions.ts';
import { DeviceHeartbeat } from './DeviceHeartbeat.ts';
import { whatDeviceLacks } from './features.ts';

const enabled = new WeakMap<types.Device, DeviceHeartbeat>();

/**
 * Gives every transport that the device creates from now on a heartbeat, if the server offers one: the
 * server's pings are answered, and the server is judged by them. Call it once, before the first transport is
 * created; the device need not be loaded yet. Transports that are older are not covered.
 *
 * Without the other half on the server nothing at all changes.
 *
 * Called again for the same device without options it returns the same object.
 *
 * A transport that lacks a method that the heartbeat needs is left alone. The console says which one, and without other
 * transports the reason is `unsupported-client`.
 *
 * @throws TypeError where the device or an option is not what it has to be.
 * @throws Error where this mediasoup-client is not supported, or where the device already has a heartbeat and options are
 * given again.
 *
 * @example
 * ```ts
 * const heartbeats = enableHeartbeat(device);
 *
 * heartbeats.on('statechange', ({ state }) => showConnectionBadge(state));
 * ```
 */
export function enableHeartbeat<HeartbeatAppData extends types.AppData = types.AppData>(
  device: types.Device,
  options?: ClientHeartbeatOptions<HeartbeatAppData>,
): DeviceHeartbeat<HeartbeatAppData> {
  if (typeof device?.createSendTransport !== 'function') {
    throw new TypeError(`enableHeartbeat(): device must be a mediasoup-client Device, got ${String(device)}`);
  }

  const lack = whatDeviceLacks(device);

  if (lack !== undefined) {
    throw new Error(`enableHeartbeat(): ${lack}`);
  }

  let heartbeat = enabled.get(device);

  if (heartbeat === undefined || heartbeat.closed) {
    heartbeat = new DeviceHeartbeat(device, resolveClientOptions(options === undefined ? {} : options));
    enabled.set(device, heartbeat);
  } else if (options !== undefined) {
    throw new Error(
      'enableHeartbeat(): this device already has a heartbeat, whose options cannot be changed. Call it ' +
        'without options to get that heartbeat, or close() it first.',
    );
  }

  return heartbeat as DeviceHeartbeat<HeartbeatAppData>;
}
