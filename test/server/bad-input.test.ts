import { attachHeartbeat, type DetectorPreset, type HeartbeatOptions } from '@mediasoup-heartbeat/server';
import type { types } from 'mediasoup';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allowLog } from '../harness/mediasoupLog.ts';
import { createTransport, startRouter } from '../harness/server.ts';

let worker: types.Worker;
let router: types.Router;

beforeAll(async () => {
  ({ worker, router } = await startRouter());
});
afterAll(() => worker.close());

describe('attachHeartbeat()', () => {
  it('refuses what is not a transport', async () => {
    await expect(attachHeartbeat(undefined as never)).rejects.toThrow(
      'transport must be a mediasoup WebRtcTransport, PlainTransport or PipeTransport, got undefined',
    );
    await expect(attachHeartbeat({} as never)).rejects.toThrow(TypeError);
  });

  it('refuses a DirectTransport, which has no client', async () => {
    const direct = await router.createDirectTransport();

    await expect(attachHeartbeat(direct as never)).rejects.toThrow('got a transport of type "direct"');
  });

  it('refuses a transport without SCTP and says how to enable it', async () => {
    const transport = await createTransport(router, { enableSctp: false });

    await expect(attachHeartbeat(transport)).rejects.toThrow(/SCTP is disabled.*\{ enableSctp: true \}/s);
  });

  it('refuses a closed transport', async () => {
    const transport = await createTransport(router);

    transport.close();
    await expect(attachHeartbeat(transport)).rejects.toThrow(
      'the transport is closed. Attach right after creating it.',
    );
  });

  it.each<[string, unknown]>([
    ['5', 5],
    ["the string 'fast'", 'fast'],
    ['true', true],
    ['null', null],
    ['an array', []],
    ['a function', () => {}],
  ])('refuses options that are %s', async (shown, options) => {
    const transport = await createTransport(router);
    const attaching = attachHeartbeat(transport, options as HeartbeatOptions);

    await expect(attaching).rejects.toThrow(TypeError);
    await expect(attaching).rejects.toThrow(`options must be an object, got ${shown}`);
    transport.close();
  });

  it('refuses a misspelt option and names the known ones', async () => {
    const transport = await createTransport(router);
    const attaching = attachHeartbeat(transport, { intervall: 500 } as HeartbeatOptions);

    await expect(attaching).rejects.toThrow(TypeError);
    await expect(attaching).rejects.toThrow(
      /unknown option intervall; known are preset, interval, .*, appData$/,
    );
    transport.close();
  });

  it('refuses a second set of options for one transport', async () => {
    const transport = await createTransport(router);
    const heartbeat = await attachHeartbeat(transport, { interval: 500 });

    await expect(attachHeartbeat(transport, { interval: 500 })).rejects.toThrow('already has a heartbeat');
    await expect(attachHeartbeat(transport)).resolves.toBe(heartbeat);
    transport.close();
  });

  it.each<[string, unknown, string]>([
    ['interval', 99, 'interval must be a number from 100 to 15000 (ms), got 99'],
    ['interval', 15_001, 'interval'],
    ['interval', '1000', 'interval'],
    ['interval', Number.NaN, 'interval'],
    ['preset', 'quick', "preset must be one of balanced, fast, patient, got the string 'quick'"],
    ['deadAfter', -1, 'deadAfter'],
    ['firstPongTimeout', 999, 'firstPongTimeout must be a number from 1000 to 600000 (ms), got 999'],
    ['firstPongTimeout', null, 'firstPongTimeout'],
    ['frozenTimeout', Number.POSITIVE_INFINITY, 'frozenTimeout'],
    ['closeOnDead', 'yes', "closeOnDead must be true, false or { grace: ms }, got the string 'yes'"],
    ['closeOnDead', {}, 'closeOnDead.grace must be a number from 0 to 3600000 (ms), got undefined'],
    ['closeOnDead', null, 'closeOnDead'],
    [
      'closeOnDead',
      { grace: 0, maxPerSecond: 0.5 },
      'closeOnDead.maxPerSecond must be an integer from 1 to 10000, got 0.5',
    ],
    ['closeOnDead', { grace: 0, maxPerSecond: 0 }, 'closeOnDead.maxPerSecond'],
    [
      'closeOnDead',
      { grace: 0, onBeforeClose: true },
      'closeOnDead.onBeforeClose must be a function, got true',
    ],
    [
      'closeOnDead',
      { grace: 0, veto: true },
      'closeOnDead: unknown option veto; known are grace, maxPerSecond, onBeforeClose',
    ],
    ['advertise', 1, 'advertise must be true or false, got 1'],
    ['appData', 'mine', "appData must be an object, got the string 'mine'"],
    ['router', {}, 'router must be a mediasoup Router, got an Object'],
  ])('refuses %s: %s', async (name, value, message) => {
    const transport = await createTransport(router);
    const attaching = attachHeartbeat(transport, { [name]: value } as HeartbeatOptions);

    await expect(attaching).rejects.toThrow(TypeError);
    await expect(attaching).rejects.toThrow(message);
    transport.close();
  });

  it('refuses time limits that contradict each other and names both', async () => {
    const transport = await createTransport(router);

    await expect(attachHeartbeat(transport, { suspectAfter: 5000, deadAfter: 4000 })).rejects.toThrow(
      'deadAfter (4000) must be above suspectAfter (5000)',
    );
    transport.close();
  });

  it('refuses a transport whose Worker has died', async () => {
    const other = await startRouter();
    const transport = await createTransport(other.router);
    const died = new Promise(resolve => other.worker.on('died', resolve));

    allowLog(/worker process died unexpectedly|write EPIPE|read ECONNRESET/, 'the test kills it');
    process.kill(other.worker.pid, 'SIGKILL');
    await died;
    await expect(attachHeartbeat(transport)).rejects.toThrow(
      'the transport is closed, because its mediasoup Worker has died',
    );
  });

  it('refuses a transport whose Router was closed', async () => {
    const fresh = await worker.createRouter();
    const transport = await createTransport(fresh);

    fresh.close();
    await expect(attachHeartbeat(transport)).rejects.toThrow('the transport is closed, because its Router');
  });

  it('refuses a transport whose Worker dies while it attaches, and says so', async () => {
    const other = await startRouter();
    const transport = await createTransport(other.router);
    const attaching = attachHeartbeat(transport);

    allowLog(/worker process died unexpectedly|write EPIPE|read ECONNRESET/, 'the test kills it');
    process.kill(other.worker.pid, 'SIGKILL');
    await expect(attaching).rejects.toThrow('the transport was closed meanwhile (worker-died)');
  });

  it('refuses a transport that is closed while it attaches, and leaves nothing behind', async () => {
    const transport = await createTransport(router);
    const attaching = attachHeartbeat(transport);

    transport.close();
    await expect(attaching).rejects.toThrow('the transport was closed meanwhile (transport-closed)');
    expect((await router.dump()).transportIds).not.toContain(transport.id);
  });
});

it.each<DetectorPreset>(['balanced', 'fast', 'patient'])(
  'attachHeartbeat() accepts the preset %s',
  async preset => {
    const transport = await createTransport(router);

    await expect(attachHeartbeat(transport, { preset })).resolves.toMatchObject({ state: 'pending' });
    transport.close();
  },
);

it('attachHeartbeat() leaves a refused transport as it was', async () => {
  const transport = await createTransport(router);

  await expect(attachHeartbeat(transport, { interval: 1 })).rejects.toThrow();
  expect(transport.sctpParameters).not.toHaveProperty('heartbeat');
  expect((await transport.dump()).dataConsumerIds).toEqual([]);
  await expect(attachHeartbeat(transport)).resolves.toMatchObject({ state: 'pending', reason: 'new' });
  transport.close();
});
