import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

// `npm test` has just built these packages, as a user would install them.
const PACKAGES = {
  protocol: ['ServerEndpoint', 'ClientEndpoint', 'decodeFrame', 'encodeFrame', 'readDescriptor'],
  server: ['attachHeartbeat', 'Heartbeat', 'localHealth', 'observer'],
  client: ['enableHeartbeat', 'DeviceHeartbeat', 'TransportHeartbeat'],
  react: ['useConnectionState', 'useConnectionQuality', 'useHeartbeatStats', 'useTransportHeartbeats'],
};

/** What the packages have beside their main entry points. */
const ENTRIES = {
  'protocol/explain': ['explain'],
  'protocol/quality': ['QualityMeter'],
  'protocol/breaker': ['CircuitBreaker', 'BreakerPoll'],
  'protocol/media': ['MediaFlowMeter', 'MediaPoll'],
  'server/explain': ['explain'],
  'server/quality': ['watchQuality', 'QualityMeter'],
  'server/breaker': ['watchCircuit', 'CircuitBreaker'],
  'server/media': ['watchMediaFlow', 'MediaFlowMeter'],
  'server/metrics': ['measureHeartbeats'],
  'client/explain': ['explain'],
  'client/quality': ['watchQuality', 'QualityMeter'],
  'client/breaker': ['watchCircuit', 'CircuitBreaker'],
  'client/media': ['watchMediaFlow', 'MediaFlowMeter'],
};

type ModuleType = 'module' | 'commonjs';

async function run(script: string, type: ModuleType, ...options: string[]) {
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...options,
    `--input-type=${type}`,
    '-e',
    script,
  ]);

  return JSON.parse(stdout);
}

async function namesExported(specifier: string, type: ModuleType, ...options: string[]): Promise<string[]> {
  const script =
    type === 'module'
      ? `import * as all from '${specifier}'; console.log(JSON.stringify(Object.keys(all)));`
      : `console.log(JSON.stringify(Object.keys(require('${specifier}'))));`;

  return (await run(script, type, ...options)).sort();
}

/** The files that `exports` names, whatever their conditions. */
function filesIn(exports: string | object): string[] {
  return typeof exports === 'string' ? [exports] : Object.values(exports).flatMap(filesIn);
}

describe.each(Object.entries({ ...PACKAGES, ...ENTRIES }))('@mediasoup-heartbeat/%s', (name, expected) => {
  it('has the same names as an ES module and as CommonJS, and no default export', async () => {
    const specifier = `@mediasoup-heartbeat/${name}`;
    const asModule = await namesExported(specifier, 'module');
    const asCommonJs = await namesExported(specifier, 'commonjs');

    expect(asModule).toEqual(expect.arrayContaining(expected));
    expect(asModule).not.toContain('default');
    expect(asCommonJs).toEqual(asModule);
  });
});

describe.each(Object.keys(PACKAGES))('@mediasoup-heartbeat/%s', name => {
  it('has every file that its package.json names, and types for both kinds of module', () => {
    const folder = new URL(`../../packages/${name}/`, import.meta.url);
    const { exports, main, module, types, sideEffects, license } = JSON.parse(
      readFileSync(new URL('package.json', folder), 'utf8'),
    );

    const entries = Object.keys(exports).filter(entry => entry !== '.');

    expect(entries.map(entry => entry.replace('.', name))).toEqual(
      Object.keys(ENTRIES).filter(entry => entry.startsWith(name)),
    );

    for (const file of [main, module, types, ...filesIn(exports)]) {
      expect(existsSync(new URL(file, folder)), file).toBe(true);
    }

    expect(exports['.'].require.types).toMatch(/\.d\.cts$/);
    expect(license).toBe('ISC');
    // The server package learns of Routers from the moment that it is loaded.
    expect(sideEffects).toBe(name === 'server');
  });
});

describe('in a page (`browser` condition)', () => {
  it('@mediasoup-heartbeat/protocol has the same names as elsewhere', async () => {
    const specifier = '@mediasoup-heartbeat/protocol';
    const elsewhere = await namesExported(specifier, 'module');

    for (const type of ['module', 'commonjs'] as const) {
      expect(await namesExported(specifier, type, '--conditions=browser')).toEqual(elsewhere);
    }
  });

  // Jest with jsdom requires the CommonJS files of this condition, and cannot require those of msgpackr.
  it('@mediasoup-heartbeat/client as CommonJS loads without msgpackr', async () => {
    const script = `
      require('@mediasoup-heartbeat/client');
      console.log(JSON.stringify(Object.keys(require.cache)));
    `;
    const loaded = (files: string[], name: string) => files.filter(file => file.includes(name)).length;
    const inPage = await run(script, 'commonjs', '--conditions=browser');
    const inNode = await run(script, 'commonjs');

    expect(loaded(inPage, 'protocol/dist/browser.cjs')).toBe(1);
    expect(loaded(inPage, '/msgpackr/')).toBe(0);
    expect(loaded(inNode, '/msgpackr/')).toBeGreaterThan(0);
  });
});
