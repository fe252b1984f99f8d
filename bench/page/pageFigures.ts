import {
  bundleForPage,
  CLIENT_HALF,
  CODEC,
  partsOf,
  type Weight,
} from '../../packages/client/scripts/pageBundle.ts';
import { bundleWithVite } from '../../packages/client/scripts/viteBundle.ts';
import { type MainThreadFigures, measureMainThread } from './mainThread.ts';

/** What a heartbeat costs a page. */
export type PageFigures = {
  esbuild: Weight;
  vite: Weight;
  codec: Weight;
  /** Minified bytes by folder, as esbuild bundles them. */
  parts: [folder: string, bytes: number][];
  /** `undefined`: was not measured. */
  mainThread: MainThreadFigures | undefined;
};

/** Measures what a heartbeat costs a page, with so many pings on its main thread: 1,000 take two minutes. 0: only its bundle. */
export async function measurePage(pings: number): Promise<PageFigures> {
  const [clientHalf, codec] = [await bundleForPage(CLIENT_HALF), await bundleForPage(CODEC)];

  return {
    esbuild: weightOf(clientHalf),
    vite: await bundleWithVite(CLIENT_HALF),
    codec: weightOf(codec),
    parts: partsOf(clientHalf),
    mainThread: pings > 0 ? await measureMainThread(pings) : undefined,
  };
}

/** The figures in Markdown. */
export function pageSection({ esbuild, vite, codec, parts, mainThread }: PageFigures): string {
  return [
    '| the client half | minified | gzip | brotli |',
    '| --- | --- | --- | --- |',
    `| bundled by esbuild | ${kB(esbuild.minified)} | ${kB(esbuild.gzip)} | ${kB(esbuild.brotli)} |`,
    `| bundled by Vite | ${kB(vite.minified)} | ${kB(vite.gzip)} | ${kB(vite.brotli)} |`,
    `| its codec alone, by esbuild | ${kB(codec.minified)} | ${kB(codec.gzip)} | ${kB(codec.brotli)} |`,
    '',
    `Minified by part: ${parts.map(([folder, bytes]) => `${folder} ${kB(bytes)}`).join(', ')}.`,
    ...(mainThread === undefined ? [] : ['', ...mainThreadTable(mainThread)]),
  ].join('\n');
}

function mainThreadTable(figures: MainThreadFigures): string[] {
  const { pings, heartbeat, heartbeatScript, raw, rawScript } = figures;

  return [
    `| CPU time of the main thread in Chromium, ${pings} pings | all tasks | JavaScript |`,
    '| --- | --- | --- |',
    `| a ping and its answer | ${microseconds(heartbeat)} | ${microseconds(heartbeatScript)} |`,
    `| a raw message up, sent by a timer, and one down | ${microseconds(raw)} | ${microseconds(rawScript)} |`,
  ];
}

function weightOf({ minified, gzip, brotli }: Weight): Weight {
  return { minified, gzip, brotli };
}

function kB(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

function microseconds(duration: number): string {
  return `${duration.toFixed(0)} µs`;
}
