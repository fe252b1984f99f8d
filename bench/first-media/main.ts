import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createAudioTrack } from '../../examples/meeting/peers/webrtc.ts';
import { seededRandom } from '../../examples/meeting/relay/random.ts';
import { App } from '../../test/client/App.ts';
import { startSource } from '../../test/client/Source.ts';

// How soon media flows, with and without the heartbeat, on the real worker with real libwebrtc clients:
//   npm run bench:first-media [-- --rounds 30] [--json]
//
// No transport is idle for long enough to be connected by the heartbeat.
//
// Received audio is played in steps of 10 ms. A small delay can move a frame by a whole step: the mean shows how
// often.

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '30' }, json: { type: 'boolean', default: false } },
});

/** In ms. */
type Figures = { median: number; mean: number };

/** Both, and the ratio of their medians with its 95 % interval by bootstrap. */
type Comparison = {
  with: Figures;
  without: Figures;
  ratio: { value: number; lowest: number; highest: number };
};

/** The length of a frame of {@link playSilence}, in ms: short, so that waiting for the next one costs little. */
const FRAME = 5;

const source = await startSource();
const figures = {
  'first packet sent': await compare(firstPacketSent),
  'first frame received': await compare(firstFrameReceived),
};

if (values.json) {
  console.log(JSON.stringify(figures));
} else {
  for (const [name, took] of Object.entries(figures)) {
    console.log(
      `${name}: ${show(took.with)} ms with the heartbeat, ${show(took.without)} ms without ` +
        `(medians and means of ${values.rounds}, ratio of the medians ` +
        `${took.ratio.value.toFixed(2)}, 95 % interval ${took.ratio.lowest.toFixed(2)}–${took.ratio.highest.toFixed(2)})`,
    );
  }
}

source.worker.close();
process.exit(0);

/** Alternates between both, so that a busy moment of the machine hits both. */
async function compare(measure: (app: App) => Promise<number>): Promise<Comparison> {
  const took = { with: [] as number[], without: [] as number[] };

  for (let round = 0; round < Number(values.rounds); round++) {
    for (const side of [true, false]) {
      const app = new App(source, { serverSide: side, clientSide: side, connectIdleAfter: 500 });

      await app.load();
      took[side ? 'with' : 'without'].push(await measure(app));
      app.close();
    }
  }

  const [ours, without] = [figuresOf(took.with), figuresOf(took.without)];

  return {
    with: ours,
    without,
    ratio: { value: ours.median / without.median, ...intervalOf(took.with, took.without) },
  };
}

/** Draws rounds anew, each with both of its times. */
function intervalOf(
  ours: readonly number[],
  without: readonly number[],
): { lowest: number; highest: number } {
  const random = seededRandom(1);
  const ratios = Array.from({ length: 2000 }, () => {
    const drawn = ours.map(() => Math.floor(random() * ours.length));
    const medianOf = (times: readonly number[]) => figuresOf(drawn.map(at => times[at] ?? 0)).median;

    return medianOf(ours) / medianOf(without);
  }).sort((a, b) => a - b);

  return { lowest: ratios[50] ?? Number.NaN, highest: ratios[1949] ?? Number.NaN };
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

/** From consume() to the first frame that the client has decoded and would play. */
async function firstFrameReceived(app: App): Promise<number> {
  const link = await app.createUsualLink('recv');
  const stop = playSilence();
  const startedAt = performance.now();
  const { rtpReceiver } = await app.consume(link);

  // Not by getStats(), whose figures are up to 50 ms old.
  while (rtpReceiver?.getSynchronizationSources().length === 0) {
    await setTimeout(1);
  }

  const took = performance.now() - startedAt;

  stop();

  return took;
}

/** Sends silent audio frames to all consumers of the source, one after another, until it is stopped. */
function playSilence(): () => void {
  const packet = Buffer.alloc(15);
  let sent = 0;

  // Version 2, payload type 100, SSRC 1111 as in startSource(); then a CELT frame of 5 ms, mono.
  packet.set([0x80, 100]);
  packet.writeUInt32BE(1111, 8);
  packet.set([0xe8, 0xff, 0xfe], 12);

  const timer = setInterval(() => {
    packet.writeUInt16BE(sent & 0xffff, 2);
    packet.writeUInt32BE(sent * 48 * FRAME, 4);
    source.producer.send(packet);
    sent++;
  }, FRAME);

  return () => clearInterval(timer);
}

function figuresOf(values: number[]): Figures {
  return {
    median: values.toSorted((a, b) => a - b)[values.length >> 1] as number,
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
  };
}

function show({ median, mean }: Figures): string {
  return `${median.toFixed(1)} (mean ${mean.toFixed(1)})`;
}
