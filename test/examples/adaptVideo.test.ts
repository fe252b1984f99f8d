import type { types } from 'mediasoup';
import type { types as client } from 'mediasoup-client';
import { afterEach, expect, it, vi } from 'vitest';
import { adaptVideo, type VideoLevel } from '../../examples/meeting/server/adaptVideo.ts';
import { Call } from '../chaos/Call.ts';
import { useRouter } from '../chaos/useRouter.ts';
import { until } from '../harness/events.ts';
import { overTheWire } from '../harness/overTheWire.ts';
import { RtpSource } from '../harness/RtpSource.ts';

vi.setConfig({ testTimeout: 120_000 });

const backend = useRouter();
const sources: RtpSource[] = [];

afterEach(() => {
  for (const source of sources.splice(0)) {
    source.close();
  }
});

/** Without congestion control: mediasoup would lower the layers by itself before the breaker opens. */
function uncontrolled({ codecs = [] }: types.RtpCapabilities): types.RtpCapabilities {
  return {
    codecs: codecs.map(codec => ({
      ...codec,
      rtcpFeedback:
        codec.rtcpFeedback?.filter(({ type }) => type !== 'transport-cc' && type !== 'goog-remb') ?? [],
    })),
    headerExtensions: [],
  } as types.RtpCapabilities;
}

/** A real client that receives a video, which is adapted to its path. */
async function receiving(layers: number) {
  const call = await Call.begin(backend.router, { server: { interval: 100 } });
  const source = await RtpSource.start(backend.router, layers);
  const consumer = await call.transport.consume({
    producerId: source.producer.id,
    rtpCapabilities: uncontrolled(backend.router.rtpCapabilities),
  });
  const { id, kind, rtpParameters } = consumer;
  const levels: VideoLevel[] = [];
  const waiting = new Set<() => void>();

  sources.push(source);
  await call.peer.consume(
    overTheWire({ id, producerId: source.producer.id, kind, rtpParameters }) as client.ConsumerOptions,
  );
  adaptVideo(consumer, call.server, level => {
    levels.push(level);
    for (const look of waiting) look();
  });

  const untilLevel = async (level: VideoLevel) =>
    new Promise<void>(resolve => {
      const look = () => levels.at(-1) === level && resolve();

      waiting.add(look);
      look();
    });

  return { call, consumer, levels, untilLevel };
}

it('a video has only its lowest layer on a path that loses a third, then it is paused, and it comes back on a new path', async () => {
  const { call, consumer, levels, untilLevel } = await receiving(2);
  const { observer } = consumer;
  const isIn = (spatialLayer: number) => () => consumer.currentLayers?.spatialLayer === spatialLayer;

  expect(consumer.type).toBe('simulcast');
  await until(observer, 'layerschange', isIn(1));
  call.relay.impair({ loss: 0.35 }, 'downlink');
  await until(observer, 'layerschange', isIn(0));
  expect(levels[0]).toBe('low');
  await until(observer, 'pause', () => consumer.paused);
  expect(levels).toEqual(['low', 'paused']);
  call.relay.impair({ loss: 0 }, 'downlink');
  call.relay.changeAddress();
  await until(observer, 'resume', () => !consumer.paused);
  expect(levels).toEqual(['low', 'paused', 'low']);
  expect(consumer.preferredLayers).toMatchObject({ spatialLayer: 0 });
  await untilLevel('full');
  await until(observer, 'layerschange', isIn(1));
  call.end();
});

it('a video with one layer is paused on a path that loses a third, and comes back on a new path', async () => {
  const { call, consumer, levels } = await receiving(1);

  expect(consumer.type).toBe('simple');
  call.relay.impair({ loss: 0.35 }, 'downlink');
  await until(consumer.observer, 'pause', () => consumer.paused);
  call.relay.impair({ loss: 0 }, 'downlink');
  call.relay.changeAddress();
  await until(consumer.observer, 'resume', () => !consumer.paused);
  expect(levels).toEqual(['paused', 'full']);
  call.end();
});
