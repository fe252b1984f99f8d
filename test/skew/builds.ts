import { vi } from 'vitest';

/** The packages with other protocol versions. */
export type Build = typeof import('@mediasoup-heartbeat/protocol') & {
  attachHeartbeat: typeof import('@mediasoup-heartbeat/server')['attachHeartbeat'];
  enableHeartbeat: typeof import('@mediasoup-heartbeat/client')['enableHeartbeat'];
};

/**
 * Loads all packages anew, and only changes the versions that they speak. Load the server package before the Worker is
 * created.
 */
export async function buildThatSpeaks(...versions: number[]): Promise<Build> {
  const constants = '../../packages/protocol/src/constants.ts';
  const ownVersions = ['../../packages/server/src/version.ts', '../../packages/client/src/version.ts'];

  vi.resetModules();
  vi.doMock(constants, async importOriginal => ({
    ...(await importOriginal<object>()),
    SUPPORTED_VERSIONS: versions,
    PROTOCOL_VERSION: Math.max(...versions),
  }));

  // Copies of one version are the same to each other.
  for (const file of ownVersions) {
    vi.doMock(file, () => ({ VERSION: `speaks ${versions}` }));
  }

  const build = {
    ...(await import('@mediasoup-heartbeat/protocol')),
    ...(await import('@mediasoup-heartbeat/server')),
    ...(await import('@mediasoup-heartbeat/client')),
  };

  for (const file of [constants, ...ownVersions]) {
    vi.doUnmock(file);
  }

  return build;
}
