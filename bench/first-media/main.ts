import { parseArgs } from 'node:util';
import { createAudioTrack } from '../../examples/meeting/peers/webrtc.ts';
import { App } from '../../test/client/App.ts';
import { startSource } from '../../test/client/Source.ts';

// How soon media flows with the heartbeat and without, on the real worker with real libwebrtc peers:
//   npm run bench:first-media [-- --rounds 30] [--json]

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '30' }, json: { type: 'boolean', default: false } },
});
const source = await startSource();
const figures = {
  'first packet sent': await compare(firstPacketSent),
  'connected to receive': await compare(connectedToReceive),
};

if (values.json) {
  console.log(JSON.stringify(figures));
} else {
  for (const [name, took] of Object.entries(figures)) {
    console.log(
      `${name}: ${took.with.toFixed(1)} ms with the heartbeat, ${took.without.toFixed(1)} ms without ` +
        `(medians of ${values.rounds}, ratio ${(took.with / took.without).toFixed(2)})`,
    );
  }
}

source.worker.close();
process.exit(0);

/** Both in turns, so that a busy moment of the machine hits both. Medians, in ms. */
async function compare(measure: (app: App) => Promise<number>): Promise<{ with: number; without: number }> {
  const took = { with: [] as number[], without: [] as number[] };

  for (let round = 0; round < Number(values.rounds); round++) {
    for (const half of [true, false]) {
      const app = new App(source, { serverHalf: half, clientHalf: half });

      await app.load();
      took[half ? 'with' : 'without'].push(await measure(app));
      app.close();
    }
  }

  return { with: median(took.with), without: median(took.without) };
}

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

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number;
}
