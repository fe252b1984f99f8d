import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

// `npm test` has just built these packages, as a user would install them.
const PACKAGES = {
  protocol: ['ServerEndpoint', 'ClientEndpoint', 'decodeFrame', 'encodeFrame', 'readDescriptor'],
  server: ['attachHeartbeat', 'Heartbeat'],
  client: ['enableHeartbeat', 'DeviceHeartbeat', 'TransportHeartbeat'],
};

async function namesExported(script: string, type: 'module' | 'commonjs'): Promise<string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [`--input-type=${type}`, '-e', script]);

  return JSON.parse(stdout);
}

describe.each(Object.entries(PACKAGES))('@mediasoup-heartbeat/%s', (name, expected) => {
  it('has the same names as an ES module and as CommonJS, and no default export', async () => {
    const specifier = `@mediasoup-heartbeat/${name}`;
    const asModule = await namesExported(
      `import * as all from '${specifier}'; console.log(JSON.stringify(Object.keys(all)));`,
      'module',
    );
    const asCommonJs = await namesExported(
      `console.log(JSON.stringify(Object.keys(require('${specifier}'))));`,
      'commonjs',
    );

    expect(asModule).toEqual(expect.arrayContaining(expected));
    expect(asModule).not.toContain('default');
    expect(asCommonJs.sort()).toEqual(asModule.sort());
  });

  it('has every file that its package.json names, and types for both kinds of module', () => {
    const folder = new URL(`../../packages/${name}/`, import.meta.url);
    const { exports, main, module, types, sideEffects, license } = JSON.parse(
      readFileSync(new URL('package.json', folder), 'utf8'),
    );
    const { import: esm, require: cjs } = exports['.'];

    for (const file of [main, module, types, ...Object.values(esm), ...Object.values(cjs)]) {
      expect(existsSync(new URL(file as string, folder)), String(file)).toBe(true);
    }

    expect(cjs.types).toMatch(/\.d\.cts$/);
    expect(license).toBe('ISC');
    // The server package learns of Routers from the moment that it is loaded.
    expect(sideEffects).toBe(name === 'server');
  });
});
