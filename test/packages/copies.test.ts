import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';

/** Loads the built package several times in a process of its own, uses all copies of it, and reports. */
async function run(script: string) {
  const path = fileURLToPath(new URL(`copies/${script}.ts`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [path]);

  return JSON.parse(stdout);
}

describe('the server package, loaded as an ES module, as CommonJS, and in another version', () => {
  // biome-ignore lint/suspicious/noExplicitAny: as the script reports
  let report: any;

  beforeAll(async () => {
    report = await run('servers');
  });

  it('gives a transport one heartbeat, which each copy of the same version returns', () => {
    // No client has accepted, so that nothing is on the transports yet.
    expect(report).toMatchObject({ isSame: true, isSameDescriptor: true, consumers: [0, 0, 0] });
  });

  it('refuses options for a transport that another copy has attached to', () => {
    expect(report.options).toContain('this transport already has a heartbeat');
  });

  it('refuses a transport that another version has attached to, and names both versions and the remedy', () => {
    expect(report.otherVersion).toBe(
      `attachHeartbeat(): @mediasoup-heartbeat/server ${report.version} is already attached to this transport, and ` +
        'this is version 9.9.9. Find both with `npm ls @mediasoup-heartbeat/server` and install only one (`npm dedupe`).',
    );
  });

  it('attaches to a transport again once the heartbeat of another version is closed', () => {
    expect(report.afterClose).toBe('done');
  });

  it('has one bridge in a Router for all copies of the same version', () => {
    // Three of the application, one bridge, and the bridge of the other version.
    expect(report.transportsInRouter).toBe(5);
  });

  it('hides the objects of each copy from the application, and leaves its observers as they were', () => {
    expect(report.told).toEqual(['transport webrtc', 'transport webrtc', 'transport webrtc']);
    expect(report.isObserverAsBefore).toBe(true);
  });
});

describe('the client package, loaded as an ES module, as CommonJS, and in another version', () => {
  // biome-ignore lint/suspicious/noExplicitAny: as the script reports
  let report: any;

  beforeAll(async () => {
    report = await run('clients');
  });

  it('gives a device one heartbeat, which each copy of the same version returns', () => {
    expect(report).toMatchObject({ isSame: true, connects: 1, transports: 1 });
  });

  it('refuses options for a device that another copy has enabled', () => {
    expect(report.options).toContain('this device already has a heartbeat');
  });

  it('refuses a device that another version has enabled, and names both versions and the remedy', () => {
    expect(report.otherVersion).toBe(
      `enableHeartbeat(): @mediasoup-heartbeat/client ${report.version} already covers this device, and this is ` +
        'version 9.9.9. Find both with `npm ls @mediasoup-heartbeat/client` and install only one (`npm dedupe`).',
    );
  });

  it('enables a device again once the heartbeat of another version is closed, and is alive on its channel', () => {
    expect(report.afterClose).toBe('done');
  });
});
