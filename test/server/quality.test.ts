import { watchQuality as watchOnClient } from '@mediasoup-heartbeat/client/quality';
import type { Quality } from '@mediasoup-heartbeat/protocol/quality';
import { watchQuality } from '@mediasoup-heartbeat/server/quality';
import { describe, expect, it, vi } from 'vitest';
import { Call } from '../chaos/Call.ts';
import { useRouter } from '../chaos/useRouter.ts';
import { until } from '../harness/events.ts';

vi.setConfig({ testTimeout: 60_000 });

const backend = useRouter();

describe('the quality of a client that neither sends nor receives media', () => {
  it('is excellent on both sides, gets worse with the path, says why, and is lost when the path is cut', async () => {
    const call = await Call.begin(backend.router, { server: { interval: 100, preset: 'fast' } });
    const server = watchQuality(call.server, { every: 1000 });
    const client = watchOnClient(call.client, { every: 1000 });
    const both = async (isReached: (quality: Quality) => boolean) => {
      await until(server, 'change', () => isReached(server.quality));
      await until(client, 'change', () => isReached(client.quality));
    };

    expect(server.quality.uplink).toEqual({ score: undefined, rating: 'unknown', cause: 'none' });
    await both(({ uplink, downlink }) => uplink.rating === 'excellent' && downlink.rating === 'excellent');
    call.relay.impair({ delay: 250 });
    await both(({ uplink, downlink }) =>
      [uplink, downlink].every(({ cause, rating }) => cause === 'delay' && rating !== 'lost'),
    );
    call.relay.impair({ delay: 0, blackout: true });
    await both(({ uplink }) => uplink.rating === 'lost' && uplink.cause === 'silence');
    call.end();
  });

  it('tells subscribers, and nothing any more once it is closed, alone or with its heartbeat', async () => {
    const call = await Call.begin(backend.router, { server: { interval: 100 } });
    const [first, second] = [watchQuality(call.server), watchQuality(call.server)];
    const listeners = call.server.observer.listenerCount('stats');
    const onChange = vi.fn();
    const onClose = vi.fn();
    const end = first.subscribe(onChange);

    first.subscribe(onChange);
    end();
    second.on('close', onClose);
    await until(first, 'change', () => first.quality.uplink.rating !== 'unknown');
    expect(onChange).toHaveBeenCalledTimes(1);
    expect(first.getSnapshot()).toBe(first.quality);
    first.close();
    first.close();
    expect(call.server.observer.listenerCount('stats')).toBe(listeners - 1);
    call.server.close();
    expect(onClose).toHaveBeenCalledTimes(1);
    expect([first.closed, second.closed]).toEqual([true, true]);
    expect(onChange).toHaveBeenCalledTimes(1);
    call.end();
  });
});

describe('bad input', () => {
  it.each<[object, string]>([
    [{ every: 10 }, 'every must be a number from 1000 to 60000 (ms), got 10'],
    [{ interval: 1000 }, 'watchQuality(): unknown option interval; known are every'],
  ])('watchQuality() refuses %o on both sides', async (options, message) => {
    const call = await Call.begin(backend.router);

    expect(() => watchQuality(call.server, options)).toThrow(message);
    expect(() => watchOnClient(call.client, options)).toThrow(message);
    expect(() => watchQuality(undefined as never)).toThrow(TypeError);
    expect(() => watchOnClient({} as never)).toThrow(TypeError);
    call.end();
    expect(() => watchQuality(call.server)).toThrow('watchQuality(): heartbeat must be what');
    expect(() => watchOnClient(call.client)).toThrow('and open');
  });
});
