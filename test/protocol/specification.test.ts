import { globSync, readFileSync } from 'node:fs';
import {
  ClientEndpoint,
  createAdaptiveDetector,
  type Endpoint,
  encodeFrame,
  type Frame,
  type FrameType,
  LAYOUTS,
  PROTOCOL_VERSION,
  resolveDetectorOptions,
  ServerEndpoint,
  SIGNALS,
  TRANSITIONS,
} from '@mediasoup-heartbeat/protocol';
import { expect, it } from 'vitest';

const idsIn = (text: string) => new Set(text.match(/HB-[A-Z]+-\d+/g));
const read = (path: string) => readFileSync(path, 'utf8');
const specification = read('PROTOCOL.md');

// That a test exercises each requirement is checked after all of them have run: scripts/system/unlinked.ts.
it('the tests name only requirements that PROTOCOL.md has', () => {
  const required = idsIn(specification);
  const tested = idsIn(
    globSync('test/**/*.test.ts')
      .filter(path => !/(specification|unlinked)\.test\.ts$/.test(path))
      .map(read)
      .join(),
  );

  expect([...tested].filter(id => !required.has(id))).toEqual([]);
  expect(required.size).toBeGreaterThan(40);
});

it('the sources quote only requirements that PROTOCOL.md has', () => {
  const required = idsIn(specification);
  const quoted = idsIn(globSync('packages/*/src/**/*.ts').map(read).join());

  expect([...quoted].filter(id => !required.has(id))).toEqual([]);
});

/** The table of PROTOCOL.md with this first column, without the indentation of a list. */
function tableOf(firstColumn: string): string[] {
  const lines = specification.split('\n').map(line => line.trim());
  const from = lines.findIndex(line => line.startsWith(`| ${firstColumn} |`));
  const length = lines.slice(from).findIndex(line => !line.startsWith('|'));

  return lines.slice(from, from + length);
}

const toTable = (header: readonly string[], rows: ReadonlyArray<readonly string[]>) =>
  [header, header.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`);

it('PROTOCOL.md shows the state machine that the endpoints run by', () => {
  const rows = Object.entries(TRANSITIONS).map(([state, next]) => [
    `**${state}**`,
    ...SIGNALS.map(signal => next[signal] ?? '–'),
  ]);

  expect(tableOf('state')).toEqual(toTable(['state', ...SIGNALS], rows));
});

it('PROTOCOL.md lists what raises each signal of the state machine', () => {
  const signals = tableOf('signal')
    .slice(2)
    .map(line => line.split('|')[1]?.trim())
    .filter(signal => signal !== '');

  expect(signals).toEqual(SIGNALS);
});

it('PROTOCOL.md says which signal gives each reason', () => {
  const [, states = ''] = specification.split('\n## States\n');
  const reasons = [...read('packages/protocol/src/Reason.ts').matchAll(/^ {2}\| '([a-z-]+)'/gm)].map(
    ([, reason]) => reason,
  );

  expect(reasons.length).toBeGreaterThan(25);
  expect(reasons.filter(reason => !states.includes(`\`${reason}\``))).toEqual([]);
});

const options = () => {
  const bounds = resolveDetectorOptions();

  return { bounds, detector: createAdaptiveDetector(bounds, 'server'), now: 0 };
};

function serverSide(): ServerEndpoint {
  const endpoint = new ServerEndpoint({
    ...options(),
    firstPongTimeout: 15_000,
    frozenTimeout: 60_000,
    phase: 1000,
    random: () => 0,
  });

  endpoint.accept(PROTOCOL_VERSION, 0);
  endpoint.connected(0);

  return endpoint;
}

function clientSide(): ClientEndpoint {
  const endpoint = new ClientEndpoint({
    ...options(),
    version: PROTOCOL_VERSION,
    firstPingTimeout: 15_000,
    instance: 0,
  });

  endpoint.opened(0);

  return endpoint;
}

/** A frame of that type in which all fields are 0. */
function frameOf(type: FrameType): Frame {
  return Object.fromEntries([['type', type], ...LAYOUTS[type].fields.map(([name]) => [name, 0])]) as Frame;
}

/** Whether this side takes frames of a type: the others are dropped as of an unknown type. [HB-FRM-6] */
function takes(endpoint: Endpoint, type: FrameType): boolean {
  endpoint.handleFrame(encodeFrame(frameOf(type), PROTOCOL_VERSION), 0);

  for (let event = endpoint.poll(); event !== undefined; event = endpoint.poll()) {
    if (event.type === 'dropped' && event.error.code === 'type') {
      return false;
    }
  }

  return true;
}

function senderOf(type: FrameType): string {
  const fromClient = takes(serverSide(), type);

  return fromClient && takes(clientSide(), type) ? 'both' : fromClient ? 'client' : 'server';
}

it('PROTOCOL.md lists the frames that the codec knows, and which side sends each', () => {
  const highest = (max: number) => (max === 2 ** 32 - 1 ? '2³²−1' : String(max));
  const rows = (Object.keys(LAYOUTS) as FrameType[]).map(type => {
    const { code, fields } = LAYOUTS[type];
    const shown = fields.map(
      ([name, max, optional]) => `${name} (${highest(max)}${optional ? '; may be left out' : ''})`,
    );

    return [type, String(code), senderOf(type), shown.join(', ')];
  });

  expect(tableOf('type')).toEqual(toTable(['type', 'number', 'from', 'fields (highest value)'], rows));
});
