import { MAX_TICKS } from '@mediasoup-heartbeat/protocol';
import vectors from '../../../protocol/vectors.json' with { type: 'json' };
import { type Case, defineCase, QUICK } from '../Case.ts';
import { ScriptedClient } from '../ScriptedClient.ts';
import { type Figures, Skip, type Trial } from '../Trial.ts';

const server = (
  name: string,
  run: (trial: Trial, client: ScriptedClient) => Promise<void>,
  interval = QUICK,
): Case => defineCase(name, 'server', trial => run(trial, new ScriptedClient(trial)), interval);

/** Waits for figures that take some time. */
async function figuresUntil(
  trial: Trial,
  requirement: string,
  what: string,
  holds: (figures: Figures) => boolean,
  ...needed: (keyof Figures)[]
): Promise<Figures> {
  const until = performance.now() + 30_000;

  for (;;) {
    const figures = await trial.figures(...needed);

    if (holds(figures) || performance.now() > until) {
      trial.check(requirement, holds(figures), `${what}, got ${JSON.stringify(figures)}`);

      return figures;
    }

    await trial.pause(200);
  }
}

async function staysSilent(trial: Trial, requirement: string): Promise<void> {
  await trial.pause(500);
  trial.check(requirement, !trial.subject.lines.some(({ word }) => word === 'frame'), 'it sends no frame');
  trial.check(requirement, !trial.states().some(state => !state.startsWith('pending')), 'it judges nobody');
}

/** Frames that must not count: the client goes on as before. */
async function ignores(trial: Trial, requirement: string, hexes: readonly string[]): Promise<void> {
  const since = trial.now;

  for (const hex of hexes) {
    trial.sendHex(hex);
  }

  const next = await trial.expectFrame(requirement, 'ping', { since: trial.now });

  // Its acknowledgement shows that pongs still count.
  await trial.expectFrame(requirement, 'ping', { since, where: ({ seq, ack }) => seq > next.seq && ack > 0 });
  trial.check(
    requirement,
    trial.states(since).length === 0,
    `the state does not change: ${trial.states(since)}`,
  );
}

export const serverCases: readonly Case[] = [
  server('HB-NEG-1 HB-NEG-4 HB-NEG-5: a server offers a valid descriptor', async (trial, client) => {
    const { versions, streamId, interval } = (await client.offered()) as Record<string, unknown>;
    const isIn = (value: unknown, min: number, max: number) =>
      Number.isInteger(value) && (value as number) >= min && (value as number) <= max;

    trial.check(
      'HB-NEG-1',
      Array.isArray(versions) &&
        versions.length > 0 &&
        versions.length <= 16 &&
        versions.every(one => isIn(one, 1, 127)),
      `versions are 1 to 16 integers of 1 to 127, got ${JSON.stringify(versions)}`,
    );
    trial.check('HB-NEG-5', isIn(streamId, 0, 65_534), `streamId is 0 to 65534, got ${streamId}`);
    trial.check(
      'HB-NEG-4',
      typeof interval === 'number' && interval >= 100 && interval <= 15_000,
      `interval is 100 to 15000, got ${interval}`,
    );
  }),
  server('HB-NEG-7: a server is silent until the client has accepted', async (trial, client) => {
    await client.offered();
    trial.say('open');
    client.hello();
    await staysSilent(trial, 'HB-NEG-7');
  }),
  ...(
    [
      ['null', 'no-client-half'],
      ['{}', 'no-client-half'],
      ['{"version":"1"}', 'no-client-half'],
      ['{"version":0}', 'no-client-half'],
      ['{"version":126}', 'version-mismatch'],
    ] as const
  ).map(([acceptance, reason]) =>
    server(
      `HB-NEG-7: a server that gets the acceptance ${acceptance} waits (${reason})`,
      async (trial, client) => {
        await client.offered();
        trial.say(`accept ${acceptance}`);
        trial.say('open');
        client.hello();
        await trial.expectState('HB-NEG-7', `pending ${reason}`);
        await staysSilent(trial, 'HB-NEG-7');
      },
    ),
  ),
  server('HB-PING-1: a server numbers its pings from 0, without gaps', async (trial, client) => {
    client.answers = false;
    await client.open();
    await trial.expectFrame('HB-PING-1', 'ping', { where: ({ seq }) => seq >= 9 });

    const numbers = trial.frames('ping').map(({ seq }) => seq);

    trial.check(
      'HB-PING-1',
      numbers.every((seq, i) => seq === i),
      `0, 1, 2, …, got ${numbers}`,
    );
  }),
  server('HB-PING-2: a server gives each ping a token that cannot be guessed', async (trial, client) => {
    await client.begin();
    await trial.expect('HB-PING-2', 'expected 10 pings', () => trial.frames('ping').length >= 10);

    const tokens = trial.frames('ping').map(({ token }) => token);
    const steps = tokens.slice(1).map((token, i) => (token - (tokens[i] as number)) >>> 0);

    trial.check('HB-PING-2', new Set(tokens).size === tokens.length, `all differ, got ${tokens}`);
    trial.check(
      'HB-PING-2',
      new Set(steps).size === steps.length,
      `no two steps between them are the same: ${tokens}`,
    );
    trial.check(
      'HB-PING-2',
      tokens.some(token => token > 0xffff),
      `they use 32 bits, got ${tokens}`,
    );
  }),
  server(
    'HB-PING-3 HB-FRM-5: a server acknowledges the latest pong, and counts the pongs',
    async (trial, client) => {
      client.picks = ({ seq }) => seq < 2 || seq > 3;
      await client.open();

      const first = await trial.expectFrame('HB-PING-3', 'ping', { where: ({ seq }) => seq === 0 });

      trial.check('HB-PING-3', first.ack === 0 && first.pongs === 0, 'the first ping acknowledges nothing');

      const third = await trial.expectFrame('HB-PING-3', 'ping', { where: ({ seq }) => seq === 3 });

      // The pong to ping 1 may be under way while ping 2 leaves, but not while ping 3 does.
      trial.check('HB-PING-3', third.ack === 2, `ping 3 acknowledges pong 1 by 2, got ${third.ack}`);
      trial.check('HB-PING-3', third.pongs === 2, `ping 3 tells of 2 pongs, got ${third.pongs}`);
      trial.check('HB-PING-3', third.ackHold > 0, `pong 1 came some time before, got ${third.ackHold}`);
      // About 2000 ms: 8000 quarters.
      trial.check('HB-FRM-5', third.ackHold >= 3000, `ackHold is in quarters of a ms, got ${third.ackHold}`);
    },
    1000,
  ),
  server('HB-PING-4: a server sends a silent client at most 25 pings a second', async (trial, client) => {
    const from = performance.now();

    await client.begin();
    client.answers = false;
    await trial.pause(5000);

    const count = trial.frames('ping').length;
    const most = (25 * (performance.now() - from)) / 1000 + 1;

    trial.check('HB-PING-4', count <= most, `at most ${Math.floor(most)} pings, got ${count}`);
    trial.check('HB-PING-4', count > 5, `it does ping a silent client, got ${count} pings`);
  }),
  server(
    'HB-PONG-2 HB-SEC-1: a server believes no pong whose number or token is wrong',
    async (trial, client) => {
      client.answers = false;
      await client.open();

      const ping = await trial.expectFrame('HB-PING-1', 'ping');

      client.answer(ping, { token: (ping.token ^ 1) >>> 0 });
      client.answer(ping, { seq: 5000 });
      await trial.pause(300);
      trial.check(
        'HB-SEC-1',
        !trial.states().some(state => state.startsWith('alive')),
        'nobody is alive by them',
      );
      client.answer(ping);
      await trial.expectState('HB-PONG-2', 'alive first-pong');
    },
  ),
  server(
    'HB-PONG-2: a server counts a pong once',
    async (trial, client) => {
      client.answers = false;
      await client.open();

      const ping = await trial.expectFrame('HB-PING-1', 'ping');

      client.answer(ping);
      client.answer(ping);
      client.answer(ping);

      const { received } = await trial.figures('received');

      trial.check('HB-PONG-2', received === 1, `one pong, got ${received}`);
    },
    5000,
  ),
  server(
    'HB-PONG-4: a server learns from the pongs whether the page is in the background',
    async (trial, client) => {
      client.pong = { hidden: 1 };
      await client.begin();
      trial.check('HB-PONG-4', (await trial.figures('hidden')).hidden === true, 'hidden');
      client.pong = { hidden: 0 };

      const { seq } = await trial.expectFrame('HB-PONG-4', 'ping', { since: trial.now });

      await trial.expectFrame('HB-PONG-4', 'ping', { where: ping => ping.seq > seq });
      trial.check('HB-PONG-4', (await trial.figures('hidden')).hidden === false, 'visible');
    },
    1000,
  ),
  ...(
    [
      ['HB-RTT-1: a server measures from ping to pong', 'HB-RTT-1', 0, 0],
      [
        'HB-RTT-1 HB-RTT-2: a server believes 100 ms of the time for which a client held a ping',
        'HB-RTT-2',
        MAX_TICKS,
        100,
      ],
    ] as const
  ).map(([name, requirement, hold, believed]) =>
    server(
      name,
      async (trial, client) => {
        const delay = 1000;

        client.picks = ping => {
          setTimeout(() => client.answer(ping, { hold }), delay);

          return false;
        };
        await client.open();

        const { rtt = 0 } = await figuresUntil(trial, 'HB-RTT-1', 'an RTT', of => of.rtt !== undefined);

        // A timer may fire a little early.
        trial.check(
          requirement,
          rtt >= delay - believed - 2,
          `an RTT of ${delay} ms less ${believed}, got ${rtt}`,
        );
      },
      5000,
    ),
  ),
  server('HB-LOSS-2: a ping is lost until its pong comes, late', async (trial, client) => {
    client.picks = ({ seq }) => seq !== 1;
    await client.begin();

    const ping = await trial.expectFrame('HB-PING-1', 'ping', { where: ({ seq }) => seq === 1 });

    await figuresUntil(trial, 'HB-LOSS-2', 'one lost ping', ({ lost }) => lost === 1, 'lost', 'late');
    client.answer(ping);
    await figuresUntil(
      trial,
      'HB-LOSS-2',
      'no lost ping, one late',
      ({ lost, late }) => lost === 0 && late === 1,
      'lost',
      'late',
    );
  }),
  ...(['uplink', 'downlink'] as const).map(direction =>
    server(
      `HB-LOSS-3: a server sees by the bits of later pongs that the ${direction} loses`,
      async (trial, client) => {
        const lost = (seq: number) => seq > 2 && seq % 4 === 0;

        client.picks = ({ seq }) => !lost(seq);

        if (direction === 'downlink') {
          // As a client whose pings did not arrive.
          client.picks = ping => {
            if (!lost(ping.seq)) {
              const bits = Array.from({ length: 32 }, (_, bit) => ping.seq - 1 - bit);
              const seen = bits.reduce((sum, seq, bit) => sum + (seq >= 0 && !lost(seq) ? 2 ** bit : 0), 0);

              client.answer(ping, { seen });
            }

            return false;
          };
        }

        const other = direction === 'uplink' ? 'downlink' : 'uplink';

        await client.begin();

        const figures = await figuresUntil(
          trial,
          'HB-LOSS-3',
          `loss on the ${direction}`,
          of => (of[direction] ?? 0) > 0,
        );

        trial.check('HB-LOSS-3', figures[other] === 0, `no loss on the ${other}, got ${figures[other]}`);
      },
    ),
  ),
  server('HB-LOSS-5: an outage is no loss', async (trial, client) => {
    await client.begin();
    await trial.expectFrame('HB-PING-1', 'ping', { where: ({ seq }) => seq >= 10 });
    client.picks = () => false;
    await trial.pause(2500);
    client.picks = () => true;
    await figuresUntil(trial, 'HB-LOSS-5', 'one outage', ({ outages }) => outages === 1, 'outages');

    const { downlink, uplink } = await trial.figures();

    trial.check('HB-LOSS-5', !downlink, `no loss on the downlink, got ${downlink}`);
    trial.check('HB-LOSS-5', !uplink, `no loss on the uplink, got ${uplink}`);
  }),
  server('HB-HELLO-1: a server pings at once when a client says hello', async (trial, client) => {
    await client.begin();
    // After a goodbye it has no other cause to ping.
    trial.send({ type: 'goodbye', cause: 0 });
    await trial.expectState('HB-BYE-2', 'dead goodbye');

    const since = trial.now;

    client.hello();
    await trial.expectFrame('HB-HELLO-1', 'ping', { since });
  }),
  server(
    'HB-JUDGE-5: a client that misses pings and says that it hears nothing is suspect',
    async (trial, client) => {
      await client.begin();
      await trial.expectFrame('HB-PING-3', 'ping', { where: ({ ack }) => ack > 0 });
      client.answers = false;

      const tell = () => trial.send({ type: 'hello', instance: 1, hidden: 0, silence: 900 });
      const again = setInterval(tell, 300);

      try {
        await trial.expectState('HB-JUDGE-5', 'suspect downlink-lost', { within: trial.patience });
      } finally {
        clearInterval(again);
      }
    },
  ),
  server(
    'HB-HELLO-5: a hello of a client that is judged changes no state',
    async (trial, client) => {
      await client.begin();

      const since = trial.now;

      client.hello();
      client.hello();
      await trial.expectFrame('HB-HELLO-5', 'ping', { since: trial.now });
      trial.check('HB-HELLO-5', trial.states(since).length === 0, `no change: ${trial.states(since)}`);
    },
    1000,
  ),
  server(
    'HB-HELLO-4: pings that left before another client side came are not lost',
    async (trial, client) => {
      await client.begin();
      client.picks = () => false;
      await trial.expectFrame('HB-HELLO-4', 'ping', { since: trial.now });
      client.hello(2);
      client.picks = () => true;

      await trial.expectFrame('HB-HELLO-4', 'ping', { since: trial.now });
      await trial.pause(4000);

      const { uplink } = await figuresUntil(
        trial,
        'HB-HELLO-4',
        'a figure for loss',
        of => of.uplink !== undefined,
      );

      trial.check('HB-HELLO-4', uplink === 0, `no loss, got ${uplink}`);
    },
  ),
  server(
    'HB-REPORT-1 HB-REPORT-2 HB-REPORT-3: a server reports a change, and every 5 s',
    async (trial, client) => {
      await client.begin();

      const since = trial.now;

      await trial.expectFrame('HB-REPORT-1', 'report');

      const { downlink, uplink } = await trial.expectFrame('HB-REPORT-2', 'report', {
        where: ({ state }) => state === 1,
      });

      trial.check(
        'HB-REPORT-3',
        downlink === 1001 && uplink === 1001,
        `loss is unknown yet, got ${downlink}, ${uplink}`,
      );
      await trial.expectFrame('HB-REPORT-1', 'report', { since });

      const count = trial.frames('report').length;

      await trial.expect(
        'HB-REPORT-1',
        'expected a report after 5 s',
        () => trial.frames('report').length > count,
      );
    },
    1000,
  ),
  server('HB-REPORT-1 HB-REPORT-2: a server reports that it suspects a client', async (trial, client) => {
    await client.begin();
    client.answers = false;
    await trial.expectFrame('HB-REPORT-2', 'report', {
      where: ({ state }) => state === 2,
      within: trial.patience,
    });
    await trial.expectState('HB-REPORT-1', 'suspect');
  }),
  server(
    'HB-FRM-3 HB-SEC-2: a server ignores what is no frame, and counts it',
    async (trial, client) => {
      const hexes = vectors.invalid
        .filter(({ error }) => error === 'shape' || error === 'field')
        .map(({ hex }) => hex);

      await client.begin();
      // Ten of them: more would be a violation.
      await ignores(trial, 'HB-FRM-3', hexes.filter((_, i) => i % 2 === 0).slice(0, 10));

      const { malformed } = await trial.figures('malformed');

      trial.check('HB-SEC-2', malformed === 10, `10 are counted, got ${malformed}`);
    },
    1000,
  ),
  server(
    'HB-FRM-6: a server ignores frames that it does not know, without a penalty',
    async (trial, client) => {
      await client.begin();
      await ignores(trial, 'HB-FRM-6', [
        ...Array.from({ length: 30 }, () => '019263ff'),
        // A ping does not come from a client.
        ...Array.from({ length: 30 }, () => '019601000000cdffff00'),
      ]);
    },
    1000,
  ),
  server('HB-VER-1: a server drops frames of another version', async (trial, client) => {
    client.answers = false;
    await client.open();

    const { seq, token } = await trial.expectFrame('HB-PING-1', 'ping');
    const hex = `029502${seq.toString(16).padStart(2, '0')}ce${token.toString(16).padStart(8, '0')}0000`;

    trial.sendHex(hex);
    await trial.pause(300);
    trial.check(
      'HB-VER-1',
      !trial.states().some(state => state.startsWith('alive')),
      'a pong of version 2 is none',
    );
    client.answers = true;
    await trial.expectState('HB-VER-1', 'alive first-pong');
  }),
  server(
    'HB-SEC-3: a server reads nothing more of a client that sends what no client sends',
    async (trial, client) => {
      await client.begin();

      for (let i = 0; i < 60; i++) {
        trial.sendHex('01c0');
      }

      await trial.expectState('HB-SEC-3', 'dead protocol-violation');

      const since = trial.now;

      client.hello();
      await trial.pause(300);
      trial.check('HB-SEC-3', trial.frames('ping', since).length === 0, 'it pings no more');
    },
  ),
  server('HB-SEC-4: a server takes a crowd of queued pongs from an honest client', async (trial, client) => {
    await client.begin();
    client.answers = false;
    await trial.pause(6000);

    const since = trial.now;

    for (const ping of trial.frames('ping').slice(-120)) {
      client.answer(ping);
    }

    client.answers = true;
    await trial.expectFrame('HB-SEC-4', 'ping', { since: trial.now, where: ({ ack }) => ack > 0 });
    trial.check('HB-SEC-4', !trial.states(since).some(state => state.includes('violation')), 'no violation');
  }),
  server(
    'HB-JUDGE-1 HB-JUDGE-2: a silent client is suspect, dead, and alive after two pongs',
    async (trial, client) => {
      await client.begin();
      client.answers = false;
      await trial.expectState('HB-JUDGE-1', 'suspect missed-pings', { within: trial.patience });
      await trial.expectState('HB-JUDGE-1', 'dead missed-pings', { within: trial.patience });

      const since = trial.now;
      const answers = () => trial.frames('ping').at(-1);

      // One answer, and no other for a while.
      await trial.expectFrame('HB-JUDGE-2', 'ping', { since });
      client.answer(answers() as NonNullable<ReturnType<typeof answers>>);
      await trial.expectFrame('HB-JUDGE-2', 'ping', { since, where: ({ ack }) => ack > 0 });
      trial.check(
        'HB-JUDGE-2',
        trial.states(since).length === 0,
        `one pong is too few: ${trial.states(since)}`,
      );
      client.answers = true;
      await trial.expectState('HB-JUDGE-2', 'alive recovered', { since });
    },
  ),
  server('HB-JUDGE-2: nothing but a pong makes a client alive', async (trial, client) => {
    client.answers = false;
    await client.open();
    await trial.expectFrame('HB-JUDGE-2', 'ping');
    client.hello();
    trial.send({ type: 'resumed', cause: 0 });
    trial.send({ type: 'resumed', cause: 1 });
    await trial.pause(300);
    trial.check(
      'HB-JUDGE-2',
      !trial.states().some(state => state.startsWith('alive')),
      'not alive by a hello',
    );
  }),
  server(
    'HB-JUDGE-3: a client is dead at once if DTLS fails, and suspect if ICE is disconnected',
    async (trial, client) => {
      await client.begin();
      trial.say('degraded');
      await trial.expectState('HB-JUDGE-3', 'suspect ice-disconnected');
      trial.say('failed');
      await trial.expectState('HB-JUDGE-3', 'dead dtls-failed');
    },
  ),
  server(
    'HB-JUDGE-4: a server that stood still itself does not call the client dead',
    async (trial, client) => {
      await client.begin();
      await trial.expectFrame('HB-JUDGE-4', 'ping', { where: ({ seq }) => seq >= 5 });

      const since = trial.now;

      if (!trial.subject.pause(true)) {
        throw new Skip('it cannot be stopped');
      }

      await trial.pause(8000);
      trial.subject.pause(false);
      await trial.expect(
        'HB-JUDGE-4',
        'expected it to ping again',
        () => trial.frames('ping', since).length >= 5,
      );
      trial.check('HB-JUDGE-4', !trial.states(since).some(state => state.startsWith('dead')), 'not dead');
    },
  ),
  server('HB-JUDGE-2: closed is final', async (trial, client) => {
    await client.begin();
    trial.say('close');
    await trial.expectState('HB-JUDGE-2', 'closed');

    const since = trial.now;

    client.hello();
    await trial.pause(300);
    trial.check('HB-JUDGE-2', trial.frames('ping', since).length === 0, 'it pings no more');
    trial.check('HB-JUDGE-2', trial.states(since).length === 0, 'the state does not change');
  }),
  server(
    'HB-BYE-1 HB-BYE-2: a server says goodbye three times when its transport closes',
    async (trial, client) => {
      await client.begin();
      trial.say('close');
      await trial.expect('HB-BYE-1', 'expected three goodbyes', () => trial.frames('goodbye').length >= 3);
      trial.check(
        'HB-BYE-2',
        trial.frames('goodbye').every(({ cause }) => cause === 1),
        'their cause is 1',
      );
    },
  ),
  server('HB-BYE-2: a server that is switched off says so', async (trial, client) => {
    await client.begin();
    trial.say('switch-off');
    await trial.expectFrame('HB-BYE-2', 'goodbye', { where: ({ cause }) => cause === 2 });
  }),
  ...(
    [
      [0, 'dead goodbye'],
      [1, 'dead goodbye'],
      [2, 'pending no-client-half'],
      [77, 'dead goodbye'],
    ] as const
  ).map(([cause, state]) =>
    server(
      `HB-BYE-2 HB-BYE-3: a client that says goodbye with cause ${cause} is ${state.split(' ')[0]}, and may come back`,
      async (trial, client) => {
        await client.begin();
        // Its last answer has been read.
        client.answers = false;
        trial.send({ type: 'goodbye', cause });
        await trial.expectState('HB-BYE-2', state);

        const since = trial.now;

        client.hello();
        client.answers = true;
        await trial.expectState('HB-BYE-3', 'alive', { since });
      },
    ),
  ),
  server(
    'HB-BYE-1: a server takes a pong to an older ping for sent before the goodbye',
    async (trial, client) => {
      await client.begin();
      client.answers = false;

      const ping = await trial.expectFrame('HB-BYE-1', 'ping', { since: trial.now });

      trial.send({ type: 'goodbye', cause: 0 });
      await trial.expectState('HB-BYE-2', 'dead goodbye');

      const since = trial.now;

      client.answer(ping);
      await trial.pause(300);
      trial.check(
        'HB-BYE-1',
        trial.states(since).length === 0,
        `the state does not change: ${trial.states(since)}`,
      );
    },
  ),
  server(
    'HB-PAUSE-2: a client whose page is frozen is suspect at once, and alive when it thaws',
    async (trial, client) => {
      await client.begin();
      client.answers = false;
      trial.send({ type: 'paused', cause: 0, duration: 0 });
      await trial.expectState('HB-PAUSE-2', 'suspect page-frozen');

      const since = trial.now;

      client.answers = true;
      trial.send({ type: 'resumed', cause: 0 });
      await trial.expectState('HB-PAUSE-2', 'alive recovered', { since });
    },
  ),
  server(
    'HB-PAUSE-2: a client whose page is hidden says so, and is judged as before',
    async (trial, client) => {
      await client.begin();
      trial.send({ type: 'paused', cause: 1, duration: 0 });
      trial.check('HB-PAUSE-2', (await trial.figures('hidden')).hidden === true, 'hidden');
      trial.send({ type: 'resumed', cause: 1 });
      trial.check('HB-PAUSE-2', (await trial.figures('hidden')).hidden === false, 'visible');
      client.answers = false;
      trial.send({ type: 'paused', cause: 1, duration: 0 });
      await trial.expectState('HB-PAUSE-2', 'suspect missed-pings', { within: trial.patience });
    },
  ),
  server(
    'HB-PAUSE-2 HB-PAUSE-5: a client that has announced an interruption is not suspected until its end',
    async (trial, client) => {
      await client.begin();
      await trial.expectFrame('HB-PAUSE-2', 'ping', { where: ({ ack }) => ack > 0 });
      client.answers = false;
      trial.send({ type: 'paused', cause: 2, duration: 60_000 });

      const since = trial.now;

      await trial.pause(4000);
      trial.check(
        'HB-PAUSE-2',
        trial.states(since).length === 0,
        `the state does not change: ${trial.states(since)}`,
      );
      trial.send({ type: 'resumed', cause: 2 });
      await trial.expectState('HB-PAUSE-5', 'suspect', { since, within: trial.patience });
    },
  ),
  server(
    'HB-PAUSE-4: announcements without a proof of life do not postpone suspicion for ever',
    async (trial, client) => {
      await client.begin();
      await trial.expectFrame('HB-PAUSE-4', 'ping', { where: ({ ack }) => ack > 0 });
      client.answers = false;

      const announce = () => trial.send({ type: 'paused', cause: 2, duration: 2000 });
      const again = setInterval(announce, 500);

      announce();

      try {
        await trial.expectState('HB-PAUSE-4', 'suspect', { within: trial.patience });
      } finally {
        clearInterval(again);
      }
    },
  ),
];
