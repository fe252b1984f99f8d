import type { Frame } from '@mediasoup-heartbeat/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SimulatedPair } from './SimulatedPair.ts';

/** How long an announcement may hold a verdict, and how long it then takes to be dead, with room, in ms. */
const LONGEST = { server: 60_000 + 10_000, client: 120_000 + 10_000 };

/** What either side may say besides proving that it lives. */
const talk = fc.oneof<fc.Arbitrary<Frame>[]>(
  fc.record({ type: fc.constant('hello'), instance: fc.nat(0xffff_ffff), hidden: fc.constantFrom(0, 1) }),
  fc.record({
    type: fc.constant('hello'),
    instance: fc.constant(42),
    hidden: fc.constant(0),
    silence: fc.nat(0xffff),
  }),
  fc.record({ type: fc.constant('paused'), cause: fc.nat(3), duration: fc.nat(0xffff_ffff) }),
  fc.record({ type: fc.constant('resumed'), cause: fc.nat(3) }),
  fc.record({
    type: fc.constant('pong'),
    seq: fc.nat(0xffff),
    token: fc.nat(0xffff_ffff),
    hold: fc.nat(0xffff),
    seen: fc.nat(0xff),
  }),
  fc.record({
    type: fc.constant('report'),
    state: fc.nat(4),
    rtt: fc.nat(0xffff),
    downlink: fc.nat(1001),
    uplink: fc.nat(1001),
  }),
);

it('[HB-SEC-1] whoever does not answer is dead in time, whatever else it says, and so is a server that does not ping', () => {
  fc.assert(
    fc.property(
      fc.array(talk, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 50, max: 5000 }),
      (frames, every) => {
        const pair = new SimulatedPair().connect().run(10_000).cut();

        for (let passed = 0; passed < LONGEST.client; passed += every) {
          for (const frame of frames) {
            pair.tellServer(frame);
            pair.tellClient(frame);
          }

          pair.run(every);

          if (passed > LONGEST.server) {
            expect(pair.serverSide.state).toBe('dead');
          }
        }

        expect(pair.clientSide.state).toBe('dead');
      },
    ),
    { numRuns: 150 },
  );
});
