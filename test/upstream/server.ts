import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { attachHeartbeat, type HeartbeatTransport } from '@mediasoup-heartbeat/server';
import { observer, type types } from 'mediasoup';
import { count } from './activity.ts';
import { maskRouterDump, maskTransportDump, seen } from './maskDump.ts';

// Every transport with SCTP gets a heartbeat as soon as it is created, as in an application.

const CREATE = ['createWebRtcTransport', 'createPlainTransport', 'createPipeTransport'] as const;

observer.on('newworker', worker => {
  worker.observer.on('newrouter', router => {
    for (const method of CREATE) {
      attachToAll(router, method);
    }

    seen.router(router);
    maskRouterDump(router);
  });
});

function attachToAll(router: types.Router, method: (typeof CREATE)[number]): void {
  const create = (router[method] as (options: never) => Promise<HeartbeatTransport>).bind(router);

  replace(router, method, async (options: never) => {
    const transport = await create(options);

    if (transport.sctpParameters !== undefined) {
      await attachHeartbeat(transport);
      count('heartbeats attached');
      count('heartbeat' in transport.sctpParameters ? 'descriptors advertised' : 'descriptors missing');
      maskTransportDump(transport);
    }

    return transport;
  });
}

function replace(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
}

// One test needs a certificate that mediasoup's package does not contain.
const mediasoup = createRequire(import.meta.url)(process.env.UPSTREAM_SUITE as string);
const { createWorker } = mediasoup;
const data = (file: string) => fileURLToPath(new URL(`data/${file}`, import.meta.url));

mediasoup.createWorker = (settings?: types.WorkerSettings) =>
  createWorker(
    settings?.dtlsCertificateFile?.endsWith('/test/data/dtls-cert.pem')
      ? { ...settings, dtlsCertificateFile: data('dtls-cert.pem'), dtlsPrivateKeyFile: data('dtls-key.pem') }
      : settings,
  );
