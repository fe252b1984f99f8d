import { vi } from 'vitest';

/** The packages, as built by somebody whose protocol has other versions. */
export type Build = typeof import('@mediasoup-heartbeat/protocol') & {
  attachHeartbeat: typeof import('@mediasoup-heartbeat/server')['attachHeartbeat'];
  enableHeartbeat: typeof import('@mediasoup-heartbeat/client')['enableHeartbeat'];
};

/**
 * Loads all packages anew, with nothing changed but the versions that they speak. Its server half has to be loaded before
 * the Worker is created.
 */
export async function buildThatSpeaks(...versions: number[]): Promise<Build> {
  const constants = '../../packages/protocol/src/constants.ts';

  vi.resetModules();
  vi.doMock(constants, async importOriginal => ({
    ...(await importOriginal<object>()),
    SUPPORTED_VERSIONS: versions,
    PROTOCOL_VERSION: Math.max(...versions),
  }));

  const build = {
    ...(await import('@mediasoup-heartbeat/protocol')),
    ...(await import('@mediasoup-heartbeat/server')),
    ...(await import('@mediasoup-heartbeat/client')),
  };

  vi.doUnmock(constants);

  return build;
}
