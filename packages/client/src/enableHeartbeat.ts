import type { types } from 'mediasoup-client';
import { type ClientHeartbeatOptions, resolveClientOptions } from './ClientHeartbeatOptions.ts';
import { DeviceHeartbeat } from './DeviceHeartbeat.ts';
import { whatDeviceLacks } from './features.ts';
import { VERSION } from './version.ts';

type Enabled = WeakMap<types.Device, { version: string; heartbeat: DeviceHeartbeat }>;

/** A registered symbol, so all copies of the package on a page find the table. Its shape is the same in all versions. */
const KEY = Symbol.for('@mediasoup-heartbeat/client');

/**
 * Gives every transport that the device creates from now on a heartbeat, if the server offers one. The heartbeat answers the
 * server's pings, and judges the server by them. Call it once, before the first transport is created. The device need not be
 * loaded yet. Older transports are not covered.
 *
 * If the server does not run the library, nothing changes.
 *
 * Called again for the same device without options it returns the same object, also to another copy of this package.
 * Called again after `close()` it starts a new heartbeat, which takes over the open transports.
 *
 * A transport that lacks a method that the heartbeat needs is left alone. The console says which one, and without other
 * transports the reason is `unsupported-client`.
 *
 * @throws TypeError if the device or an option is invalid.
 * @throws Error if this mediasoup-client is not supported, or if the device already has a heartbeat and this call has options or is
 * of another version.
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

  // Not when the module is loaded: it has no side effects.
  const page = globalThis as { [KEY]?: Enabled };

  page[KEY] ??= new WeakMap();

  const enabled = page[KEY];
  const existing = enabled.get(device);

  if (existing === undefined || existing.heartbeat.closed) {
    const heartbeat = new DeviceHeartbeat<HeartbeatAppData>(
      device,
      resolveClientOptions(options === undefined ? {} : options),
      existing?.heartbeat,
    );

    enabled.set(device, { version: VERSION, heartbeat: heartbeat as DeviceHeartbeat });

    return heartbeat;
  } else if (existing.version !== VERSION) {
    throw new Error(
      `enableHeartbeat(): @mediasoup-heartbeat/client ${existing.version} already covers this device, and this is ` +
        `version ${VERSION}. Find both with \`npm ls @mediasoup-heartbeat/client\` and install only one (\`npm dedupe\`).`,
    );
  } else if (options !== undefined) {
    throw new Error(
      'enableHeartbeat(): this device already has a heartbeat, and its options cannot change. Call ' +
        'enableHeartbeat() without options to get it, or close() it first.',
    );
  }

  return existing.heartbeat as DeviceHeartbeat<HeartbeatAppData>;
}
