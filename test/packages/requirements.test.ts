import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SUPPORTED_MEDIASOUP, SUPPORTED_NODE } from '../../packages/server/src/supportedVersions.ts';

const read = (path: string) => readFileSync(new URL(`../../packages/${path}`, import.meta.url), 'utf8');
const requirementsOf = (name: string) =>
  /\n## Requirements\n(.*?)\n## /s.exec(read(`${name}/README.md`))?.[1] ?? '';
/** In a cell of a table. */
const cell = (range: string) => `| \`${range.replaceAll('|', '\\|')}\` |`;

describe('the requirements in a README are those in its package.json, and those that are checked at run time', () => {
  it('of the server', () => {
    const { engines, peerDependencies } = JSON.parse(read('server/package.json'));
    const block = requirementsOf('server');

    expect(block).toContain(`Node.js ${cell(SUPPORTED_NODE)}`);
    expect(block).toContain(`mediasoup ${cell(SUPPORTED_MEDIASOUP)}`);
    expect(engines.node).toBe(SUPPORTED_NODE);
    expect(peerDependencies.mediasoup).toBe(SUPPORTED_MEDIASOUP);
  });

  it('of the React hooks', () => {
    const { peerDependencies } = JSON.parse(read('react/package.json'));

    expect(requirementsOf('react')).toContain(`react ${cell(peerDependencies.react)}`);
  });

  it('of the client', () => {
    const { peerDependencies } = JSON.parse(read('client/package.json'));
    const range = peerDependencies['mediasoup-client'];

    expect(requirementsOf('client')).toContain(`mediasoup-client ${cell(range)}`);
    expect(read('client/src/features.ts')).toContain(`mediasoup-client ${range}`);
  });
});
