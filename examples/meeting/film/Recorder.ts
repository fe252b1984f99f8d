import { writeFile } from 'node:fs/promises';
import type { CDPSession, Page } from 'playwright-core';

const RATE = 10;

/** So small that a README may contain the film. */
const BITS_PER_SECOND = 700_000;

/**
 * Films a page into a WebM without ffmpeg: another page of the same browser draws the frames of Chromium's screencast
 * on a canvas, and records that.
 */
export class Recorder {
  readonly #camera: CDPSession;
  readonly #studio: Page;

  private constructor(camera: CDPSession, studio: Page) {
    this.#camera = camera;
    this.#studio = studio;
  }

  static async start(page: Page): Promise<Recorder> {
    const studio = await (await page.context().browser()?.newContext())?.newPage();
    const size = page.viewportSize();

    if (studio === undefined || size === null) {
      throw new Error('The page has no browser or no size.');
    }

    await studio.evaluate(record, { ...size, rate: RATE, bits: BITS_PER_SECOND });

    const camera = await page.context().newCDPSession(page);

    camera.on('Page.screencastFrame', ({ data, sessionId }) => {
      studio.evaluate(image => window.show(image), data).catch(() => {});
      camera.send('Page.screencastFrameAck', { sessionId }).catch(() => {});
    });
    await camera.send('Page.startScreencast', { format: 'jpeg', quality: 90, everyNthFrame: 4 });

    return new Recorder(camera, studio);
  }

  /** Ends the film and writes it. */
  async finish(file: string): Promise<void> {
    await this.#camera.send('Page.stopScreencast');

    await writeFile(file, Buffer.from(await this.#studio.evaluate(() => window.finish()), 'base64'));
    await this.#studio.context().close();
  }
}

declare global {
  interface Window {
    /** Draws a frame: a JPEG as base64. */
    show(image: string): Promise<void>;
    /** Returns the film as base64. */
    finish(): Promise<string>;
  }
}

/** Runs in the studio's page. */
function record({
  width,
  height,
  rate,
  bits,
}: {
  width: number;
  height: number;
  rate: number;
  bits: number;
}) {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const recorder = new MediaRecorder(canvas.captureStream(rate), {
    mimeType: 'video/webm;codecs=vp9',
    videoBitsPerSecond: bits,
  });
  const parts: Blob[] = [];

  recorder.ondataavailable = ({ data }) => parts.push(data);
  recorder.start();
  window.show = async image => {
    const bytes = Uint8Array.from(atob(image), letter => letter.charCodeAt(0));
    const frame = await createImageBitmap(new Blob([bytes], { type: 'image/jpeg' }));

    canvas.getContext('2d')?.drawImage(frame, 0, 0, width, height);
  };
  window.finish = async () => {
    await new Promise(resolve => {
      recorder.onstop = resolve;
      recorder.stop();
    });

    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());

    return btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ''));
  };
}
