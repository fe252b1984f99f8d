import { readFileSync } from 'node:fs';
import { attachHeartbeat } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SUPPORTED_MEDIASOUP, SUPPORTED_NODE } from '../../packages/server/src/supportedVersions.ts';
import { createTransport, startRouter } from '../harness/server.ts';

// The Worker and its transports are real. Only what mediasoup says of its own version is not: the versions that are
// refused cannot all be installed.
const installed = vi.hoisted(() => ({ mediasoup: '' }));

vi.mock('mediasoup', async importOriginal => ({
  ...(await importOriginal<object>()),
  get version() {
    return installed.mediasoup;
  },
}));

const node = vi.spyOn(process.versions, 'node', 'get');
const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});

let worker: types.Worker | undefined;
let router: types.Router;

beforeEach(() => {
  node.mockReturnValue('24.1.0');
});
afterEach(() => worker?.close());
afterAll(() => {
  vi.restoreAllMocks();
});

/** A transport of a Worker that a mediasoup of this version has made. */
async function transportOf(mediasoup: string): Promise<types.WebRtcTransport> {
  installed.mediasoup = mediasoup;
  ({ worker, router } = await startRouter());

  return createTransport(router);
}

describe('attachHeartbeat() and the mediasoup that is installed', () => {
  it.each(['3.19.19', '3.19.22', '3.21.2', '3.27.1', '3.100.0'])('accepts mediasoup %s', async version => {
    const heartbeat = await attachHeartbeat(await transportOf(version));

    expect(heartbeat.state).toBe('pending');
  });

  it.each(['3.18.1', '3.19.3', '3.19.18', '3.20.0', '3.20.5', '3.21.0', '3.21.1'])(
    'refuses mediasoup %s, and names the version, the supported range and the remedy',
    async version => {
      await expect(attachHeartbeat(await transportOf(version))).rejects.toThrow(
        `attachHeartbeat(): mediasoup ${version} is not supported, only ${SUPPORTED_MEDIASOUP}. ` +
          'Install a supported version with `npm install mediasoup@3`.',
      );
    },
  );

  it.each(['4.0.0', '4.1.0-rc.1', '10.0.0'])(
    'refuses mediasoup %s, which it does not know, and says to update the heartbeat',
    async version => {
      await expect(attachHeartbeat(await transportOf(version))).rejects.toThrow(
        `attachHeartbeat(): mediasoup ${version} is not supported, only ${SUPPORTED_MEDIASOUP}. ` +
          'Update the heartbeat with `npm install @mediasoup-heartbeat/server@latest`, or install mediasoup@3.',
      );
    },
  );

  it.each(['', 'next'])('refuses a mediasoup whose version "%s" cannot be read', async version => {
    await expect(attachHeartbeat(await transportOf(version))).rejects.toThrow(`mediasoup ${version} is not`);
  });

  it('says to update Node first if an old Node made npm install an old mediasoup', async () => {
    node.mockReturnValue('20.20.2');
    await expect(attachHeartbeat(await transportOf('3.19.3'))).rejects.toThrow(
      `Update Node.js 20.20.2 to ${SUPPORTED_NODE} first: on an older one npm installs an older mediasoup.`,
    );
  });

  it('warns once of an old Node on which a supported mediasoup runs, and goes on', async () => {
    node.mockReturnValue('20.20.2');
    await attachHeartbeat(await transportOf('3.27.1'));
    await attachHeartbeat(await createTransport(router));
    expect(warned).toHaveBeenCalledExactlyOnceWith(
      `mediasoup and its heartbeat need Node.js ${SUPPORTED_NODE}, and this is 20.20.2. Update Node.js.`,
      { code: 'MEDIASOUP_HEARTBEAT_NODE' },
    );
  });

  it('checks the mediasoup that made the transport, not the one that is imported now', async () => {
    const old = await transportOf('3.19.3');

    installed.mediasoup = '3.27.1';
    await expect(attachHeartbeat(old)).rejects.toThrow('mediasoup 3.19.3 is not supported');
  });

  it('leaves a refused transport as it was', async () => {
    const refused = await transportOf('3.19.3');
    const before = Object.keys(Object.getOwnPropertyDescriptors(refused));

    await expect(attachHeartbeat(refused)).rejects.toThrow();
    expect(Object.keys(Object.getOwnPropertyDescriptors(refused))).toEqual(before);
    await expect(refused.dump()).resolves.toMatchObject({ dataConsumerIds: [] });
  });
});

describe('package.json of the server package', () => {
  const read = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
  const own = read('../../packages/server/package.json');

  it('names the same versions of mediasoup and Node as the error', () => {
    expect(own.peerDependencies.mediasoup).toBe(SUPPORTED_MEDIASOUP);
    expect(own.engines.node).toBe(SUPPORTED_NODE);
  });

  it('requires the Node that both tested versions of mediasoup require', () => {
    for (const mediasoup of ['mediasoup', 'mediasoup-oldest']) {
      expect(read(`../../node_modules/${mediasoup}/package.json`).engines.node).toBe(SUPPORTED_NODE);
    }
  });

  it('is the only one that requires a Node, because front ends are built with any Node', () => {
    for (const name of ['client', 'protocol']) {
      expect(read(`../../packages/${name}/package.json`).engines).toBeUndefined();
    }
  });
});
