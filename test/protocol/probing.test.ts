import { resolveDetectorOptions } from '@mediasoup-heartbeat/protocol';
import { expect, it } from 'vitest';
import { SimulatedPair, storyOf } from './SimulatedPair.ts';

it.each([
  [100, 'fast'],
  [100, 'balanced'],
  [100, 'patient'],
  [300, 'balanced'],
  [1000, 'balanced'],
] as const)(
  '[HB-SEC-3] probes every %i ms (%s) are borne by a client that cannot answer',
  (interval, preset) => {
    const bounds = resolveDetectorOptions({ interval, preset });
    const pair = new SimulatedPair({ serverBounds: bounds, clientBounds: bounds });

    pair.connect().run(5000);
    pair.uplink.delay = () => undefined;
    pair.run(60_000);
    expect(storyOf(pair.server).at(-1)).toBe('dead: missed-pings');
    pair.mend().run(5000);
    expect(storyOf(pair.server).at(-1)).toBe('alive: recovered');
    expect(pair.client.violations).toBe(0);
    expect(pair.clientSide.state).toBe('alive');
  },
);
