import { GoodbyeCause } from '@mediasoup-heartbeat/protocol';
import { expect, it } from 'vitest';
import { now } from '../../examples/meeting/clock.ts';
import { Room } from '../../examples/meeting/server/Room.ts';
import { untilState } from '../harness/events.ts';
import { startRouter } from '../harness/server.ts';
import { WirePeer } from '../harness/WirePeer.ts';

/** How long a dead client stays in the room here, in ms. */
const GRACE = 2000;

it('a client that dies again gets its whole grace again', async () => {
  const { worker, router } = await startRouter();
  const room = new Room(router, GRACE);
  const left = new Promise<number>(resolve => room.on('left', () => resolve(now())));
  const peer = room.join('Vera', true);
  const transport = await peer.createTransport('send');
  const { heartbeat } = transport;
  const deaths: number[] = [];

  room.watch(peer, transport);
  heartbeat.on('dead', ({ at }) => deaths.push(at));

  const vera = await new WirePeer({ transport: transport.transport, streamId: 0 }).connect();

  await untilState(heartbeat, 'alive');

  // The room sees both deaths. The second comes before the grace of the first is over.
  for (const _ of ['first', 'second']) {
    vera.depart(GoodbyeCause.PageClosing);
    await untilState(heartbeat, 'dead');

    if (deaths.length === 1) {
      vera.returned();
      await untilState(heartbeat, 'alive');
      // One ping later. It separates the two deaths by less than the grace.
      await new Promise(resolve => heartbeat.once('sample', resolve));
    }
  }

  const [first = 0, second = 0] = deaths;

  expect(second - first).toBeLessThan(GRACE);
  // Timers may fire a millisecond early.
  expect((await left) - second).toBeGreaterThanOrEqual(GRACE - 1);
  expect(room.roster).toEqual([]);
  vera.close();
  worker.close();
});
