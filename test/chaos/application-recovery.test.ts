import { setTimeout as lasting } from 'node:timers/promises';
import type { Recovering, RecoverOptions, RestartRequest } from '@mediasoup-heartbeat/client';
import type { types as client } from 'mediasoup-client';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { overTheWire } from '../harness/overTheWire.ts';
import { Call } from './Call.ts';
import { useRouter } from './useRouter.ts';

// The application's own recovery, and what it may do wrong. Real libwebrtc peers behind a relay.

vi.setConfig({ maxConcurrency: 50, testTimeout: 120_000 });

const backend = useRouter();

/** What the library says of the application's mistakes. */
const errors = vi.spyOn(console, 'error').mockImplementation(() => {});

afterAll(() => errors.mockRestore());

async function begin(recover: true | RecoverOptions, direction: 'send' | 'recv' = 'recv'): Promise<Call> {
  const call = await Call.begin(backend.router, { direction, client: { recover } });

  await call.pings(2);

  return call;
}

/** The client leaves its network, and the server has other parameters by now: nothing that the client can do alone helps. */
async function loseParameters(call: Call): Promise<void> {
  await call.transport.restartIce();
  await call.transport.restartIce();
  call.relay.leaveNetwork();
}

/** New parameters of the server, as its signalling brings them. */
async function newParameters(call: Call): Promise<client.IceParameters> {
  return overTheWire(await call.transport.restartIce());
}

function recovered(call: Call): Promise<unknown> {
  return new Promise(resolve => {
    call.client.once('recovered', resolve);
  });
}

describe.concurrent('the application’s own recovery', () => {
  it.each(['send', 'recv'] as const)(
    'an application that asks and restarts on `disconnected`, and backs off, gets its call back beside ours (%s)',
    async direction => {
      const call = await begin(true, direction);
      let asked = 0;
      let restarted: Promise<unknown> = Promise.resolve();

      // As edumeet does it, with signalling that is down for the first attempts.
      call.peer.on('connectionstatechange', state => {
        const ask = async (): Promise<void> => {
          asked++;

          if (call.peer.closed || call.peer.connectionState === 'connected') {
            return;
          } else if (asked > 2) {
            restarted = newParameters(call).then(iceParameters => call.peer.restartIce({ iceParameters }));
            await restarted;
          } else {
            setTimeout(ask, 1000 * asked);
          }
        };

        if (state === 'disconnected') {
          ask().catch(() => {});
        }
      });
      call.relay.impair({ blackout: true });
      await vi.waitUntil(() => asked > 2, { timeout: 100_000, interval: 50 });

      const back = recovered(call);

      call.relay.leaveNetwork();
      call.relay.impair({ blackout: false });
      await Promise.all([back, restarted]);
      await call.both('alive');
      await call.pings(2);

      // The parameters in use are those of the application: the library's own restart goes on with them.
      const again = recovered(call);

      call.relay.leaveNetwork();
      await again;
      await call.both('alive');
      await call.pings(2);
      call.end();
    },
  );

  it.each(['send', 'recv'] as const)(
    'the application is asked where the server has other parameters by now, and its answer brings the call back (%s)',
    async direction => {
      const requests: RestartRequest[] = [];
      const causes: Recovering['cause'][] = [];
      const call: Call = await begin(
        {
          restart: request => {
            requests.push(request);

            return newParameters(call);
          },
        },
        direction,
      );
      const back = recovered(call);

      call.client.on('recovering', ({ cause }) => causes.push(cause));
      await loseParameters(call);
      await back;
      await call.both('alive');
      expect(requests.map(({ reason, attempt }) => [reason, attempt])).toEqual([['still-silent', 1]]);
      expect(requests[0]?.transport).toBe(call.peer);
      // Nothing else helped before.
      expect(causes.at(-1)).toBe('application');
      expect(causes.length).toBeGreaterThan(1);
      call.end();
    },
  );

  it('new parameters that come after their time are used, as the server waits for them', async () => {
    const call: Call = await begin({
      restartTimeout: 1000,
      restart: async () => {
        const iceParameters = await newParameters(call);

        await lasting(3000);

        return iceParameters;
      },
    });
    const back = recovered(call);

    await loseParameters(call);
    await back;
    await call.both('alive');
    call.end();
  });
});

const MISTAKES: Array<[string, (call: Call) => RecoverOptions['restart']]> = [
  [
    'throws',
    () => () => {
      throw new Error('the signalling is down');
    },
  ],
  ['rejects', () => () => Promise.reject(new Error('the signalling is down'))],
  ['never settles', () => () => new Promise(() => {})],
  ['returns nothing', () => () => undefined],
  ['returns something else', () => () => 'yes' as unknown as undefined],
  ['returns what is no parameter', () => () => ({ usernameFragment: 'a', password: 'b', iceLite: true })],
  [
    'returns parameters of nobody',
    () => () => ({ usernameFragment: 'nobody', password: 'x'.repeat(32), iceLite: true }),
  ],
];

describe.concurrent('a callback of the application', () => {
  it.each(MISTAKES)('a `restart` that %s keeps nobody from recovering later', async (_, make) => {
    let calls = 0;
    const call: Call = await begin({
      restartTimeout: 1000,
      restart: request => {
        calls++;

        return calls > 1 ? newParameters(call) : make(call)?.(request);
      },
    });
    const back = recovered(call);

    await loseParameters(call);
    await back;
    await call.both('alive');
    expect(calls).toBe(2);
    expect(errors.mock.calls.every(([text]) => String(text).includes('recover.restart()'))).toBe(true);
    call.end();
  });

  it.each(['the transport', 'the heartbeat', 'the device’s heartbeat'])(
    'a `restart` that closes %s ends the recovery',
    async what => {
      let calls = 0;
      const events: string[] = [];
      const closed = new Promise<void>(resolve => {
        const ready = begin({
          restart: async () => {
            const call = await ready;

            calls++;

            if (what === 'the transport') {
              call.peer.close();
            } else if (what === 'the heartbeat') {
              call.client.close();
            } else {
              call.device.close();
            }

            for (const event of ['recovering', 'recovered', 'recoveryfailed'] as const) {
              call.client.on(event, () => events.push(event));
            }

            resolve();

            return newParameters(call);
          },
        });

        ready.then(loseParameters);
      });

      await closed;
      // Longer than until it would be asked, or ICE restarted, again.
      await lasting(12_000);
      expect(calls).toBe(1);
      expect(events).toEqual([]);
    },
  );
});
