import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAudioTrack } from '../harness/peer.ts';
import { App } from './App.ts';
import { type Source, startSource } from './Source.ts';

/** How often each is measured, in turns, so that a busy moment of the machine hits both. */
const ROUNDS = 15;

/** How much the heartbeat may delay the first packet, in ms: what a loaded machine's timing scatters by. */
const TOLERANCE = 15;

let source: Source;

beforeAll(async () => {
  source = await startSource();
});

afterAll(() => source.worker.close());

/** From produce() to the first packet at the server. */
async function firstPacketSent(app: App): Promise<number> {
  const { client, server } = await app.createUsualLink('send');
  const arrived = new Promise<number>(resolve => {
    server.observer.once('newproducer', producer => {
      producer.on('trace', () => resolve(performance.now()));
      producer.enableTraceEvent(['rtp']);
    });
  });
  const track = createAudioTrack();
  const startedAt = performance.now();

  await client.produce({ track });

  const took = (await arrived) - startedAt;

  track.stop();

  return took;
}

/** From consume() to the connection over which packets come. */
async function connectedToReceive(app: App): Promise<number> {
  const link = await app.createUsualLink('recv');
  const startedAt = performance.now();
  const connected = new Promise<number>(resolve => {
    link.client.on('connectionstatechange', state => state === 'connected' && resolve(performance.now()));
  });

  await app.consume(link);

  return (await connected) - startedAt;
}

test.each([
  ['the first packet is sent', firstPacketSent],
  ['packets can be received', connectedToReceive],
] as const)('%s as soon with the heartbeat as without', async (name, measure) => {
  const took = { with: [] as number[], without: [] as number[] };

  for (let round = 0; round < ROUNDS; round++) {
    for (const half of [true, false]) {
      const app = new App(source, { serverHalf: half, clientHalf: half });

      await app.load();
      took[half ? 'with' : 'without'].push(await measure(app));
      app.close();
    }
  }

  const [withIt, without] = [median(took.with), median(took.without)];

  console.log(`${name}: median ${withIt.toFixed(1)} ms with, ${without.toFixed(1)} ms without the heartbeat`);
  expect(withIt).toBeLessThan(without + TOLERANCE);
});

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number;
}
