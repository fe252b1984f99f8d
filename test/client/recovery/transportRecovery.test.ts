import type { types } from 'mediasoup-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RecoverOptions } from '../../../packages/client/src/recovery/RecoverOptions.ts';
import {
  type RecoveryHost,
  TransportRecovery,
} from '../../../packages/client/src/recovery/TransportRecovery.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A recovery on a path on which nothing comes. By default its handler is none that can restart ICE by itself. */
class Setup {
  readonly told: string[] = [];
  /** The ufrags that ICE was restarted with. */
  readonly restarts: string[] = [];
  readonly recovery: TransportRecovery;
  reads = 0;
  readPath: RecoveryHost['readPath'] = async () => ({
    received: 0,
    path: 'all',
    data: 0,
    quietFor: undefined,
    address: undefined,
  });

  constructor(restart: RecoverOptions['restart'], handler: object = {}) {
    const transport = {
      id: 'a transport',
      direction: 'send',
      handler: {
        name: 'Unknown',
        updateIceServers: async () => {},
        restartIce: async ({ usernameFragment }: types.IceParameters) => {
          this.restarts.push(usernameFragment);
        },
        ...handler,
      },
      updateIceServers: ({ iceServers }: { iceServers: RTCIceServer[] }) =>
        transport.handler.updateIceServers.call(undefined, ...([iceServers] as unknown as [])),
    };

    this.recovery = new TransportRecovery(
      transport as unknown as types.Transport,
      { restart, restartTimeout: 1000, giveUpAfter: 120_000 },
      {
        readPath: () => {
          this.reads++;

          return this.readPath();
        },
        probe: () => {},
        tell: (event, ..._payload) => {
          this.told.push(event);
        },
        rtt: 50,
        lastSeenAt: 0,
      },
    );
  }
}

const parameters = (usernameFragment: string): types.IceParameters => ({
  usernameFragment,
  password: 'x'.repeat(32),
});

describe('a question to the application', () => {
  it('whose answer comes after that to the next one changes nothing any more', async () => {
    const answers: Array<(answer: types.IceParameters) => void> = [];
    const { recovery, restarts } = new Setup(() => new Promise(resolve => answers.push(resolve)));

    recovery.hinted('online', true);
    await vi.advanceTimersByTimeAsync(11_500);
    expect(answers).toHaveLength(2);
    answers[1]?.(parameters('second'));
    await vi.advanceTimersByTimeAsync(3500);
    expect(restarts).toEqual(['second']);
    answers[0]?.(parameters('first'));
    await vi.advanceTimersByTimeAsync(6000);
    expect(restarts).toEqual(['second']);
    // The next question comes 10 s after the answer that counts.
    await vi.advanceTimersByTimeAsync(600);
    expect(answers).toHaveLength(3);
    recovery.close();
  });

  it('leaves no timer when the heartbeat is closed', async () => {
    const { recovery } = new Setup(() => new Promise(() => {}));

    recovery.hinted('online', true);
    await vi.advanceTimersByTimeAsync(100);
    expect(vi.getTimerCount()).toBeGreaterThan(1);
    recovery.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('may close the heartbeat, and nothing is told after that', async () => {
    const setup: Setup = new Setup(() => {
      setup.recovery.close();

      return undefined;
    });

    setup.recovery.channelLost();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(setup.told).toEqual([]);
  });
});

describe('what a browser cannot say', () => {
  it('counters that could not be read once are read again', async () => {
    const setup = new Setup(undefined);

    setup.readPath = () => Promise.reject(new Error('no counters now'));
    setup.recovery.doubted('silence');
    await vi.advanceTimersByTimeAsync(200);
    expect(setup.reads).toBeGreaterThan(1);
    setup.recovery.close();
  });

  it('a Firefox that cannot tell whether there is a network restarts ICE', async () => {
    vi.stubGlobal(
      'RTCPeerConnection',
      class {
        constructor() {
          throw new Error('too many connections');
        }
      },
    );

    const { recovery, restarts, told } = new Setup(undefined, {
      name: 'Firefox120',
      _pc: { createOffer: () => {} },
      _remoteSdp: { getSdp: () => '', _iceParameters: parameters('inUse') },
    });

    recovery.hinted('online', true);
    await vi.advanceTimersByTimeAsync(100);
    expect(told).toEqual(['recovering']);
    expect(restarts).toEqual(['inUse']);
    recovery.close();
    vi.unstubAllGlobals();
  });
});
