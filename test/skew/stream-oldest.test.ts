import { attachHeartbeat } from '@mediasoup-heartbeat/server';
import { type types, version } from 'mediasoup';
import { describe, expect, it, vi } from 'vitest';
import { startRouter } from '../harness/server.ts';
import { describeApplicationStream } from './describeApplicationStream.ts';

// The mediasoup of the server package in this file, which also starts the Workers.
vi.mock('mediasoup', () => import('mediasoup-oldest'));
vi.mock('mediasoup/extras', () => import('mediasoup-oldest/extras'));

// mediasoup reads it when it is loaded.
const worker = vi.hoisted(
  () => (process.env.MEDIASOUP_WORKER_BIN = process.env.MEDIASOUP_OLDEST_WORKER_BIN ?? ''),
);

// `npm test` provides the worker, or says that there is none. CI must have one.
describe.skipIf(worker === '' && !process.env.CI)(`mediasoup ${version}`, () => {
  it('is the oldest supported version', () => {
    expect(version).toMatch(/^3\.19\./);
  });

  it.each([
    { OS: 1, MIS: 1024 },
    { OS: 1024, MIS: 1 },
  ])(
    'refuses a transport with numSctpStreams %j, because nothing would be left for the application',
    async streams => {
      const { worker, router } = await startRouter();
      const transport = await router.createWebRtcTransport({
        listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }],
        enableSctp: true,
        numSctpStreams: streams,
      } as types.WebRtcTransportOptions);

      await expect(attachHeartbeat(transport)).rejects.toThrow(
        `the transport has ${streams.OS} outgoing and ${streams.MIS} incoming SCTP streams`,
      );
      expect((await transport.dump()).dataConsumerIds).toEqual([]);
      worker.close();
    },
  );

  describeApplicationStream();
});
