import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { API_ENTRIES, apiFile, apiOf } from '../../scripts/api.ts';

// `npm test` has just built these packages, as a user would install them.

describe.each(API_ENTRIES)('@mediasoup-heartbeat/%s', entry => {
  it('shows its users the types that its checked-in report lists', async () => {
    expect(
      await apiOf(entry),
      `The public types of @mediasoup-heartbeat/${entry} differ from ${apiFile(entry)}. If that is meant, run \`npm run api\` and commit the file.`,
    ).toBe(await readFile(apiFile(entry), 'utf8'));
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
