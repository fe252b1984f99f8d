import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { API_PACKAGES, apiFile, apiOf } from '../../scripts/api.ts';

// `npm test` has just built these packages, as a user would install them.

describe.each(API_PACKAGES)('@mediasoup-heartbeat/%s', name => {
  it('shows its users the types that its checked-in report lists', async () => {
    expect(
      await apiOf(name),
      `The public types of packages/${name} differ from docs/api/${name}.d.ts. If that is meant, run \`npm run api\` and commit the file.`,
    ).toBe(await readFile(apiFile(name), 'utf8'));
  });
});

describe.each([
  ['server', ['Attachment', 'ResolvedOptions', 'ServerEndpoint', 'EndpointLoop', 'Home']],
  ['client', ['ChannelNegotiation', 'ResolvedClientOptions', 'ClientEndpoint', 'Loops', 'handOver', 'feed']],
])('@mediasoup-heartbeat/%s', (name, internals) => {
  it('shows its users nothing of how it works inside', async () => {
    const [_header, ...lines] = (await apiOf(name)).split('\n');
    const report = lines.join('\n');

    for (const internal of [...internals, 'Task', 'run', 'stalled', 'dueAt', 'open', 'freeze', 'thaw']) {
      expect(report).not.toMatch(new RegExp(`\\b${internal}\\b`));
    }
  });
});
