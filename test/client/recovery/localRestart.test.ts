import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { internalsOf } from '../../../packages/client/src/handler.ts';
import { LocalRestart } from '../../../packages/client/src/recovery/LocalRestart.ts';
import { untilState } from '../../harness/events.ts';
import { App, type Link } from '../App.ts';
import { type Source, startSource } from '../Source.ts';

let source: Source;

beforeAll(async () => {
  source = await startSource();
});

afterAll(() => source.worker.close());

const ALWAYS = () => true;

const HANDLERS = [
  ['current', 'Chrome111'],
  ['current', 'Chrome74'],
  ['current', 'Firefox120'],
  ['current', 'Safari12'],
  ['current', 'ReactNative106'],
  ['oldest', 'Chrome111'],
] as const;

/** Messages and media in the transport's direction, newly made. */
async function use(app: App, link: Link): Promise<void> {
  if (link.client.direction === 'send') {
    await app.produce(link);
    await app.sendMessage(await app.produceData(link));
  } else {
    await app.consume(link);
    await app.receiveMessage(await app.consumeData(link));
  }
}

/** The ufrag that the client has offered, or answered with, last. It is another one after each restart. */
function ufrag(link: Link): string | undefined {
  return /a=ice-ufrag:(\S+)/.exec(internalsOf(link.client)?.connection.localDescription?.sdp ?? '')?.[1];
}

describe.each(HANDLERS)('with the %s mediasoup-client and its handler %s', (version, handlerName) => {
  describe.each(['send', 'recv'] as const)('on a %s transport', direction => {
    it('restarts ICE as often as it likes, and the application goes on to use the transport', async () => {
      const app = new App(source, { serverSide: true, clientSide: true, version, handlerName });

      await app.load();

      const link = await app.createUsualLink(direction);
      const restart = new LocalRestart(link.client);
      const seen = new Set<string | undefined>();

      await use(app, link);

      for (let round = 0; round < 10; round++) {
        expect(restart.isPossible).toBe(true);
        expect(await restart.run(ALWAYS)).toBe(true);
        seen.add(ufrag(link));
      }

      expect(seen.size).toBe(10);
      // What the application does later offers anew, in the usual direction.
      await use(app, link);
      await restart.run(ALWAYS);
      await use(app, link);

      // Its own restart, with new parameters, and ours with these.
      const before = ufrag(link);

      await link.client.restartIce({ iceParameters: await link.server.restartIce() });
      expect(ufrag(link)).not.toBe(before);
      await restart.run(ALWAYS);
      await use(app, link);
      expect(internalsOf(link.client)?.iceParameters.usernameFragment).toBe(
        link.server.iceParameters.usernameFragment,
      );
      await untilState(app.heartbeatOf(link), 'alive');
      app.close();
    });
  });
});

describe('a local restart', () => {
  async function connected(direction: 'send' | 'recv'): Promise<{ app: App; link: Link }> {
    const app = new App(source, { serverSide: true, clientSide: true });

    await app.load();

    const link = await app.createUsualLink(direction);

    await use(app, link);

    return { app, link };
  }

  it('waits until the operation of the application is over', async () => {
    const { app, link } = await connected('send');
    let isAnswered = false;

    link.client.removeAllListeners('producedata');

    const asked = new Promise<void>(resolve => {
      link.client.on('producedata', async (_, callback) => {
        resolve();
        await turn();
        isAnswered = true;
        callback({ id: 'x' });
      });
    });
    const operation = link.client.produceData({});
    const wasAnswered = await new LocalRestart(link.client).run(() => isAnswered);

    await asked;
    await operation;
    expect(wasAnswered).toBe(true);
    app.close();
  });

  it('does nothing where it is not wanted any more when its turn comes', async () => {
    const { app, link } = await connected('recv');
    const before = ufrag(link);

    expect(await new LocalRestart(link.client).run(() => false)).toBe(false);
    expect(ufrag(link)).toBe(before);
    app.close();
  });

  it('leaves the session as it was where the browser refuses', async () => {
    const { app, link } = await connected('recv');
    const internals = internalsOf(link.client);
    const { getSdp } = internals?.remoteSdp ?? {};

    Object.assign(internals?.remoteSdp ?? {}, { getSdp: () => 'no session' });
    await expect(new LocalRestart(link.client).run(ALWAYS)).rejects.toThrow();
    Object.assign(internals?.remoteSdp ?? {}, { getSdp });
    expect(internals?.connection.signalingState).toBe('stable');
    await use(app, link);
    app.close();
  });

  it('answers for each kind of media with the extensions that were offered for it', async () => {
    const own = { ...source };
    const app = new App(own, { serverSide: true, clientSide: true });
    const extension = 'abs-send-time';

    await app.load();

    const link = await app.createUsualLink('recv');

    await app.consume(link);
    own.producer = await source.direct.produce({
      kind: 'video',
      rtpParameters: {
        codecs: [{ mimeType: 'video/VP8', payloadType: 101, clockRate: 90_000 }],
        encodings: [{ ssrc: 2222 }],
      },
    });
    await app.consume(link);

    const { connection } = internalsOf(link.client) as NonNullable<ReturnType<typeof internalsOf>>;
    const createOffer = connection.createOffer.bind(connection);
    const isAudio = (section: string) => section.startsWith('m=audio');
    const sections = (description: { sdp?: string } | null) => description?.sdp?.split(/^(?=m=)/m) ?? [];

    // As Firefox does: this extension is for video only.
    Object.assign(connection, {
      createOffer: async (options: RTCOfferOptions) => {
        const offer = await createOffer(options);
        const without = new RegExp(`a=extmap:.*${extension}.*\\r\\n`);

        return {
          type: 'offer',
          sdp: sections(offer)
            .map(section => (isAudio(section) ? section.replace(without, '') : section))
            .join(''),
        };
      },
    });

    expect(sections(connection.remoteDescription).find(isAudio)).toContain(extension);
    expect(await new LocalRestart(link.client).run(ALWAYS)).toBe(true);

    const answered = sections(connection.remoteDescription);

    expect(answered.find(isAudio)).not.toContain(extension);
    expect(answered.find(section => section.startsWith('m=video'))).toContain(extension);
    app.close();
    own.producer.close();
  });

  it('is not possible with a handler that has other internals', async () => {
    const { app, link } = await connected('recv');
    const restart = new LocalRestart(link.client);

    Object.assign(link.client.handler, { _remoteSdp: undefined });
    expect(restart.isPossible).toBe(false);
    await expect(restart.run(ALWAYS)).rejects.toThrow('this handler is not known');
    app.close();
  });
});
