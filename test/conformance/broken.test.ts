import { expect, it, vi } from 'vitest';
import { clientCases } from '../../packages/conformance/src/cases/clients.ts';
import { serverCases } from '../../packages/conformance/src/cases/servers.ts';
import { vectorCases } from '../../packages/conformance/src/cases/vectors.ts';
import { runCases } from '../../packages/conformance/src/runCases.ts';
import { connectBroken } from './connectBroken.ts';
import { VARIANTS } from './variants.ts';

// Most of the time a case waits.
vi.setConfig({ maxConcurrency: 12 });

const CASES = [...vectorCases, ...clientCases, ...serverCases];

it.concurrent.each(Object.entries(VARIANTS))(
  'a broken implementation fails by the number of the requirement that it breaks: %s',
  { timeout: 300_000 },
  async (name, make) => {
    const [requirement = '', role] = name.split(' ');
    const cases = CASES.filter(one => one.role === role && one.requirements.includes(requirement));
    const results = await runCases(cases, { connect: connectBroken(make), concurrency: 8, patience: 15_000 });

    expect(results.map(({ broken }) => broken)).toContain(requirement);
  },
);
