import vectors from '../../../protocol/vectors.json' with { type: 'json' };
import { type Case, defineCase } from '../Case.ts';
import { ScriptedServer } from '../ScriptedServer.ts';
import { Skip, type Trial } from '../Trial.ts';

const VALID = { versions: [1], streamId: 100, interval: 100 };

/** Descriptors that a client must take for none, with the requirement that each breaks. */
const INVALID: readonly (readonly [requirement: string, name: string, descriptor: unknown])[] = [
  ['HB-NEG-6', 'none', null],
  ['HB-NEG-6', 'a string', 'heartbeat'],
  ['HB-NEG-1', 'no versions', { ...VALID, versions: [] }],
  ['HB-NEG-1', '17 versions', { ...VALID, versions: Array.from({ length: 17 }, (_, i) => i + 1) }],
  ['HB-NEG-1', 'a version of 128', { ...VALID, versions: [1, 128] }],
  ['HB-NEG-4', 'an interval of 99 ms', { ...VALID, interval: 99 }],
  ['HB-NEG-4', 'an interval of 15001 ms', { ...VALID, interval: 15_001 }],
  ['HB-NEG-5', 'the stream id 65535', { ...VALID, streamId: 65_535 }],
  ['HB-NEG-5', 'a stream id that is no integer', { ...VALID, streamId: 1.5 }],
];

const client = (
  name: string,
  run: (trial: Trial, server: ScriptedServer) => Promise<void>,
  interval?: number,
): Case =>
  defineCase(
    name,
    'client',
    async trial => {
      const server = new ScriptedServer(trial);

      try {
        await run(trial, server);
      } finally {
        server.fallSilent();
      }
    },
    interval,
  );

async function accepts(trial: Trial, requirement: string, descriptor: object): Promise<void> {
  trial.say(`offer ${JSON.stringify(descriptor)}`);

  const acceptance = await trial.expect(
    requirement,
    `${JSON.stringify(descriptor)} is a valid descriptor: expected an acceptance`,
    ({ word, rest }) => (word === 'acceptance' || word === 'declined') && `${word} ${rest}`,
  );

  trial.check(
    requirement,
    /^acceptance .*"version":\s*1\b/.test(acceptance),
    `the acceptance names version 1, got “${acceptance}”`,
  );
}

async function declines(
  trial: Trial,
  requirement: string,
  descriptor: unknown,
  reason: string,
): Promise<void> {
  trial.say(`offer ${JSON.stringify(descriptor)}`);

  const answer = await trial.expect(
    requirement,
    `expected “declined ${reason}”`,
    ({ word, rest }) => (word === 'acceptance' || word === 'declined') && `${word} ${rest}`,
  );

  trial.check(requirement, answer === `declined ${reason}`, `expected “declined ${reason}”, got “${answer}”`);
  trial.say('open');
  new ScriptedServer(trial).ping();
  await trial.pause(300);
  trial.check('HB-NEG-6', !trial.subject.lines.some(({ word }) => word === 'frame'), 'it sends no frame');
}

/** Refuses what must not count: sends frames, then a ping, and expects its pong and no other. */
async function ignores(
  trial: Trial,
  server: ScriptedServer,
  requirement: string,
  hexes: string[],
): Promise<void> {
  const since = trial.now;

  for (const hex of hexes) {
    trial.sendHex(hex);
  }

  await server.pinged({}, requirement);
  trial.check(requirement, trial.frames('pong', since).length === 1, 'only the valid ping is answered');
  trial.check(
    requirement,
    trial.states(since).length === 0,
    `the state does not change: ${trial.states(since)}`,
  );
}

export const clientCases: readonly Case[] = [
  client('HB-NEG-2: a client accepts a valid descriptor, and names the version', trial =>
    accepts(trial, 'HB-NEG-2', VALID),
  ),
  client('HB-NEG-6: a client ignores unknown fields of a descriptor', trial =>
    accepts(trial, 'HB-NEG-6', { ...VALID, later: { than: 'this' } }),
  ),
  client('HB-NEG-3: a client takes the highest version that both speak', trial =>
    accepts(trial, 'HB-NEG-3', { ...VALID, versions: [127, 1, 99] }),
  ),
  client('HB-NEG-6: a client that shares no version stays silent', trial =>
    declines(trial, 'HB-NEG-6', { ...VALID, versions: [126, 127] }, 'version-mismatch'),
  ),
  ...INVALID.map(([requirement, name, descriptor]) =>
    client(`${requirement}: a client takes a descriptor with ${name} for none, and stays silent`, trial =>
      declines(trial, requirement, descriptor, 'no-server-half'),
    ),
  ),
  client('HB-CHN-1 HB-CHN-2 HB-NEG-5: a client opens the channel as specified', async trial => {
    await accepts(trial, 'HB-NEG-5', VALID);

    const line = trial.subject.lines.find(({ word }) => word === 'channel');
    const channel = JSON.parse(line?.rest ?? '{}');

    trial.check(
      'HB-NEG-5',
      channel.id === 100 && channel.negotiated === true,
      `negotiated, id 100: ${line?.rest}`,
    );
    trial.check(
      'HB-CHN-1',
      channel.ordered === false && channel.maxRetransmits === 0,
      `unordered, unreliable: ${line?.rest}`,
    );
    trial.check(
      'HB-CHN-2',
      channel.label === 'mediasoup-heartbeat' && channel.protocol === 'mediasoup-heartbeat',
      `label and protocol: ${line?.rest}`,
    );
  }),
  client('HB-HELLO-1 HB-HELLO-6: a client says hello when its channel opens', async (trial, server) => {
    await server.open();

    const hello = await trial.expectFrame('HB-HELLO-1', 'hello');

    trial.check('HB-HELLO-1', hello.hidden === 0, 'hidden is 0: the page is in the foreground');
    trial.check(
      'HB-HELLO-6',
      hello.silence === undefined,
      'it suspects nobody yet, so it tells of no silence',
    );
  }),
  client(
    'HB-HELLO-2: a client without a ping says hello five times, once an interval',
    async (trial, server) => {
      await server.open();
      await trial.expect('HB-HELLO-2', 'expected five hellos', () => trial.frames('hello').length >= 5);
      await trial.pause(500);

      const hellos = trial.frames('hello');

      trial.check('HB-HELLO-2', hellos.length === 5, `five hellos, got ${hellos.length}`);
      trial.check(
        'HB-HELLO-1',
        new Set(hellos.map(({ instance }) => instance)).size === 1,
        'all have one instance',
      );
    },
  ),
  client(
    'HB-PONG-1: a client answers each ping with its number and token, and a second copy not at all',
    async (trial, server) => {
      await server.begin();

      const ping = server.ping();

      trial.send(ping);
      trial.send(ping);
      await server.pinged();

      const answers = trial.frames('pong').filter(({ seq }) => seq === ping.seq);

      trial.check('HB-PONG-1', answers.length === 1, `one pong to ping ${ping.seq}, got ${answers.length}`);
      trial.check('HB-PONG-1', answers[0]?.token === ping.token, 'the pong repeats the token');
    },
  ),
  client('HB-PONG-1: a client answers queued pings like any other', async (trial, server) => {
    await server.begin();

    const since = trial.now;
    const pings = Array.from({ length: 40 }, () => server.ping());

    await server.pinged();

    const answered = new Set(trial.frames('pong', since).map(({ seq }) => seq));

    trial.check(
      'HB-PONG-1',
      pings.every(({ seq }) => answered.has(seq)),
      `all 41 are answered, got ${answered.size}`,
    );
  }),
  client('HB-PONG-3: a client says which of the pings before have arrived', async (trial, server) => {
    await server.begin();
    await server.pinged();

    const gap = await server.pinged({ seq: 4 });

    trial.check('HB-PONG-3', gap.seen === 0b1100, `after 0, 1 and 4: seen is 12, got ${gap.seen}`);
    await server.pinged({ seq: 2 });

    const filled = await server.pinged({ seq: 5 });

    trial.check(
      'HB-PONG-3',
      filled.seen === 0b11101,
      `after 0, 1, 4, 2 and 5: seen is 29, got ${filled.seen}`,
    );

    const far = await server.pinged({ seq: 36 });

    trial.check(
      'HB-PONG-3',
      far.seen === 0xc000_0000,
      `after 36: seen is c0000000, got ${far.seen.toString(16)}`,
    );
  }),
  client('HB-PING-1: a client follows the numbers beyond 65535', async (trial, server) => {
    await server.begin();

    for (const seq of [30_000, 60_000, 65_534, 65_535]) {
      await server.pinged({ seq });
    }

    const first = await server.pinged({ seq: 0 });

    trial.check('HB-PING-1', (first.seen & 3) === 3, `65535 and 65534 come before 0: seen is ${first.seen}`);
    trial.check('HB-PING-1', (await server.pinged({ seq: 1 })).seen % 2 === 1, '0 comes before 1');
  }),
  client('HB-PING-5: a client ignores a ping that is older than the latest 128', async (trial, server) => {
    await server.begin();
    await server.pinged({ seq: 200 });
    await server.pinged({ seq: 100 });

    const since = trial.now;

    server.ping({ seq: 40 });
    await server.pinged({ seq: 201 });
    trial.check(
      'HB-PING-5',
      !trial.frames('pong', since).some(({ seq }) => seq === 40),
      'ping 40 is not answered',
    );
  }),
  client(
    'HB-FRM-3 HB-SEC-2: a client ignores what is no frame',
    async (trial, server) => {
      const hexes = vectors.invalid
        .filter(({ error }) => error === 'shape' || error === 'field')
        .map(({ hex }) => hex);

      await server.begin();
      // Ten of them: more would be a violation.
      await ignores(trial, server, 'HB-FRM-3', hexes.filter((_, i) => i % 2 === 0).slice(0, 10));
      trial.check('HB-SEC-2', trial.subject.ended === undefined, 'it still runs');
    },
    1000,
  ),
  client(
    'HB-FRM-6: a client ignores frames that it does not know, without a penalty',
    async (trial, server) => {
      await server.begin();
      await ignores(trial, server, 'HB-FRM-6', [
        ...Array.from({ length: 30 }, () => '019263ff'),
        // A pong does not come from a server.
        ...Array.from({ length: 30 }, () => '01950200000000'),
      ]);
    },
    1000,
  ),
  client(
    'HB-VER-1: a client drops frames of another version',
    async (trial, server) => {
      await server.begin();
      await ignores(trial, server, 'HB-VER-1', ['029601320700cdffff00', '7f9601330700cdffff00']);
    },
    1000,
  ),
  client(
    'HB-SEC-3: a client reads nothing more of a server that sends what no server sends',
    async (trial, server) => {
      await server.begin();

      for (let i = 0; i < 60; i++) {
        trial.sendHex('01c0');
      }

      await trial.expectState('HB-SEC-3', 'dead protocol-violation');

      const since = trial.now;

      server.ping();
      await trial.pause(300);
      trial.check('HB-SEC-3', trial.frames('pong', since).length === 0, 'no ping is answered any more');
    },
  ),
  client('HB-SEC-4: a client takes a crowd of queued pings from an honest server', async (trial, server) => {
    await server.begin();
    await trial.pause(5000);

    const since = trial.now;

    for (let i = 0; i < 230; i++) {
      server.ping();
    }

    await server.pinged();
    trial.check('HB-SEC-4', !trial.states(since).some(state => state.includes('violation')), 'no violation');
  }),
  client(
    'HB-JUDGE-2: only a ping makes a server alive',
    async (trial, server) => {
      await server.open();
      trial.send({ type: 'report', state: 1, rtt: 4, downlink: 0, uplink: 0 });
      trial.send({ type: 'resumed', cause: 0 });
      await server.pinged();
      await trial.expectState('HB-JUDGE-2', 'alive first-ping');
      trial.check(
        'HB-JUDGE-2',
        trial.states().filter(state => state.startsWith('alive')).length === 1,
        'alive once',
      );
    },
    1000,
  ),
  client(
    'HB-JUDGE-1 HB-JUDGE-2: a silent server is suspect, dead, and alive after two pings',
    async (trial, server) => {
      await server.begin();
      await trial.expectState('HB-JUDGE-1', 'suspect missed-pings', { within: trial.patience });
      await trial.expectState('HB-JUDGE-1', 'dead missed-pings', { within: trial.patience });

      const since = trial.now;

      await server.pinged();
      trial.check(
        'HB-JUDGE-2',
        trial.states(since).length === 0,
        `one ping is too few: ${trial.states(since)}`,
      );
      await server.pinged();
      await trial.expectState('HB-JUDGE-2', 'alive recovered', { since });
    },
  ),
  client(
    'HB-JUDGE-3: a server is dead at once if the connection fails, and suspect if ICE is disconnected',
    async (trial, server) => {
      await server.begin();
      server.goOn();
      trial.say('degraded');
      await trial.expectState('HB-JUDGE-3', 'suspect ice-disconnected');
      trial.say('failed');
      await trial.expectState('HB-JUDGE-3', 'dead connection-failed');
    },
  ),
  client('HB-JUDGE-2: closed is final', async (trial, server) => {
    await server.begin();
    trial.say('close');
    await trial.expectState('HB-JUDGE-2', 'closed');

    const since = trial.now;

    server.ping();
    server.ping();
    await trial.pause(300);
    trial.check('HB-JUDGE-2', trial.frames('pong', since).length === 0, 'no ping is answered');
    trial.check('HB-JUDGE-2', trial.states(since).length === 0, 'the state does not change');
  }),
  client('HB-BYE-1 HB-BYE-2: a page that closes says goodbye three times', async (trial, server) => {
    await server.begin();
    trial.say('page closing');
    await trial.expect('HB-BYE-1', 'expected three goodbyes', () => trial.frames('goodbye').length >= 3);
    trial.check(
      'HB-BYE-2',
      trial.frames('goodbye').every(({ cause }) => cause === 0),
      'their cause is 0',
    );
  }),
  client('HB-BYE-4: a client that has left answers a ping with a goodbye', async (trial, server) => {
    await server.begin();
    trial.say('page closing');
    await trial.expect('HB-BYE-1', 'expected three goodbyes', () => trial.frames('goodbye').length >= 3);

    const since = trial.now;

    server.ping();
    await trial.expectFrame('HB-BYE-4', 'goodbye', { since });
    trial.check('HB-BYE-4', trial.frames('pong', since).length === 0, 'it sends no pong');
  }),
  client('HB-BYE-3 HB-HELLO-1: a page that comes back says hello', async (trial, server) => {
    await server.begin();
    trial.say('page closing');

    const since = trial.now;

    trial.say('page restored');
    await trial.expectFrame('HB-BYE-3', 'hello', { since });
    trial.check('HB-HELLO-1', true, '');
    await server.pinged();
  }),
  client('HB-BYE-2: a client that is switched off says so', async (trial, server) => {
    await server.begin();
    trial.say('switch-off');
    await trial.expectFrame('HB-BYE-2', 'goodbye', { where: ({ cause }) => cause === 2 });
  }),
  ...(
    [
      [0, 'dead goodbye'],
      [1, 'dead goodbye'],
      [2, 'pending no-server-half'],
      [99, 'dead goodbye'],
    ] as const
  ).map(([cause, state]) =>
    client(
      `HB-BYE-2: a server that says goodbye with cause ${cause} is ${state.split(' ')[0]}`,
      async (trial, server) => {
        await server.begin();
        trial.send({ type: 'goodbye', cause });
        await trial.expectState('HB-BYE-2', state);
      },
    ),
  ),
  client('HB-BYE-1: a client takes what comes after a goodbye for sent before it', async (trial, server) => {
    await server.begin();
    trial.send({ type: 'goodbye', cause: 1 });
    await trial.expectState('HB-BYE-2', 'dead goodbye');

    const since = trial.now;

    server.ping();
    server.ping();
    await trial.pause(300);
    trial.check(
      'HB-BYE-1',
      trial.states(since).length === 0,
      `the state does not change: ${trial.states(since)}`,
    );
  }),
  client(
    'HB-PAUSE-1 HB-PAUSE-2: a page says that it is frozen, and that it runs again',
    async (trial, server) => {
      await server.begin();
      trial.say('page frozen');
      await trial.expectFrame('HB-PAUSE-1', 'paused', { where: ({ cause }) => cause === 0 });
      trial.say('page thawed');
      await trial.expectFrame('HB-PAUSE-2', 'resumed', { where: ({ cause }) => cause === 0 });
    },
  ),
  client(
    'HB-PAUSE-2 HB-PONG-4: a page in the background says so, and answers',
    async (trial, server) => {
      await server.begin();
      trial.say('page hidden');
      await trial.expectFrame('HB-PAUSE-2', 'paused', { where: ({ cause }) => cause === 1 });

      const hidden = await server.pinged();

      trial.check('HB-PONG-4', (hidden.hidden ?? 1) === 1, 'its pongs say that it is hidden');
      trial.say('page visible');
      await trial.expectFrame('HB-PAUSE-2', 'resumed', { where: ({ cause }) => cause === 1 });

      const visible = await server.pinged();

      trial.check('HB-PONG-4', (visible.hidden ?? 0) === 0, 'its pongs say that it is visible');
    },
    1000,
  ),
  client('HB-PAUSE-1 HB-PAUSE-5: a client announces an interruption, and its end', async (trial, server) => {
    await server.begin();
    trial.say('interrupt 60000');

    const { duration } = await trial.expectFrame('HB-PAUSE-1', 'paused', {
      where: ({ cause }) => cause === 2,
    });

    trial.check(
      'HB-PAUSE-1',
      duration > 0 && duration <= 60_000,
      `its duration is 60000 ms at most, got ${duration}`,
    );
    trial.say('resume');
    await trial.expectFrame('HB-PAUSE-5', 'resumed', { where: ({ cause }) => cause === 2 });
  }),
  client(
    'HB-PAUSE-2: a server that has announced an interruption is not suspected',
    async (trial, server) => {
      await server.begin();
      await server.pinged();
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
  client('HB-PAUSE-2: a client ignores a pause of an unknown cause', async (trial, server) => {
    await server.begin();
    await server.pinged();
    trial.send({ type: 'paused', cause: 99, duration: 60_000 });
    await trial.expectState('HB-PAUSE-2', 'suspect', { within: trial.patience });
  }),
  client(
    'HB-RTT-3: a client takes the time for which the server held a pong from its RTT',
    async (trial, server) => {
      const held = 1500;

      await server.begin();

      let rtt: number | undefined;

      // A client that stood still meanwhile measures nothing: it is asked again.
      for (let round = 0; rtt === undefined && round < 10; round++) {
        await server.pinged();
        await trial.pause(held);
        // It has been held for at least that long: the client has sent it before it came here.
        await server.pinged({ ack: 1, ackHold: held * 4 });
        rtt = (await trial.figures()).rtt;
      }

      if (rtt === undefined) {
        throw new Skip('its figures have no rtt');
      }

      trial.check('HB-RTT-3', rtt < held, `the RTT is without the ${held} ms, got ${rtt} ms`);
    },
    5000,
  ),
  client(
    'HB-LOSS-4: a client counts the numbers that are missing between two pings',
    async (trial, server) => {
      await server.begin();
      await server.pinged();
      await server.pinged({ seq: 5 });

      const { lost } = await trial.figures('lost');

      trial.check('HB-LOSS-4', lost === 3, `2, 3 and 4 are lost, got ${lost}`);
    },
  ),
];
