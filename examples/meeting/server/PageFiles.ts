import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** No inline code and no `eval`: the heartbeat needs no exception. */
const POLICY =
  "default-src 'self'; connect-src 'self' ws:; img-src 'self' data:; media-src 'self' blob: mediastream:";

const page = (name: string) => fileURLToPath(new URL(`../page/${name}`, import.meta.url));

async function bundle(entry: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [page(entry)],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
  });

  return outputFiles[0]?.contents ?? new Uint8Array();
}

/** The page's three files. Its script and styles are bundled when the server starts. */
export class PageFiles {
  readonly #files: Map<string, { type: string; content: string | Uint8Array }>;

  private constructor(html: string, css: Uint8Array, script: Uint8Array) {
    this.#files = new Map([
      ['/', { type: 'text/html; charset=utf-8', content: html }],
      ['/style.css', { type: 'text/css; charset=utf-8', content: css }],
      ['/main.js', { type: 'text/javascript; charset=utf-8', content: script }],
    ]);
  }

  static async load(): Promise<PageFiles> {
    const [html, css, script] = await Promise.all([
      readFile(page('index.html'), 'utf8'),
      bundle('style/index.css'),
      bundle('main.ts'),
    ]);

    return new PageFiles(html, css, script);
  }

  serve(request: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const file = this.#files.get(pathname);

    response.setHeader('Content-Security-Policy', POLICY);

    if (file === undefined) {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Not found\n');
    } else {
      response.writeHead(200, { 'Content-Type': file.type, 'Cache-Control': 'no-store' }).end(file.content);
    }
  }
}
