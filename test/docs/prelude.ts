import type { Prelude } from './compile.ts';
import type { Snippet } from './Snippet.ts';

const value = (name: string, type: string): [string, string] => [name, `declare const ${name}: ${type};`];
const from = (specifier: string, ...names: string[]): [string, string][] =>
  names.map(name => [name, `import { ${name} } from '${specifier}';`]);
const typeFrom = (specifier: string, ...names: string[]): [string, string][] =>
  names.map(name => [name, `import type { ${name} } from '${specifier}';`]);

/** What applications have of their own. */
const OF_THE_APPLICATION: [string, string][] = [
  ...['peerId', 'heartbeatDescriptor'].map(name => value(name, name === 'peerId' ? 'string' : 'unknown')),
  ...[
    'alertOperator',
    'clearAlert',
    'createAnew',
    'hideReconnecting',
    'log',
    'removePeer',
    'reply',
    'show',
    'showConnectionBadge',
    'showReconnecting',
    'tellOthers',
    'useOtherLink',
  ].map(name => value(name, '(...told: unknown[]) => void')),
  ...['isReconnecting', 'maintenance', 'request'].map(name =>
    value(name, '(...asked: unknown[]) => Promise<any>'),
  ),
  value('signalling', '{ isOpen: boolean; request(...asked: unknown[]): Promise<any> }'),
  value('signaling', '{ on(event: string, f: (told: any) => void): void; send(...told: unknown[]): void }'),
];

const SERVER: Prelude = Object.fromEntries([
  ...OF_THE_APPLICATION,
  ...from(
    '@mediasoup-heartbeat/server',
    'answerHeartbeat',
    'attachHeartbeat',
    'createHeartbeatGroup',
    'localHealth',
  ),
  ...typeFrom('@mediasoup-heartbeat/server', 'Heartbeat'),
  value('heartbeat', "import('@mediasoup-heartbeat/server').Heartbeat"),
  value('participant', "import('@mediasoup-heartbeat/server').HeartbeatGroup"),
  value('consumer', "import('mediasoup').types.Consumer"),
  value('media', "ReturnType<typeof import('@mediasoup-heartbeat/server/media').watchMediaFlow>"),
  value('producer', "import('mediasoup').types.Producer"),
  value('producers', "Map<string, import('mediasoup').types.Producer>"),
  value('listenInfo', "import('mediasoup').types.TransportListenInfo"),
  value('message', 'any'),
  value('options', "import('mediasoup').types.WebRtcTransportOptions"),
  value('parametersOf', "(of: import('mediasoup').types.WebRtcTransport) => object"),
  value('router', "import('mediasoup').types.Router"),
  value('transports', "Map<string, import('mediasoup').types.WebRtcTransport>"),
  ...['recvTransport', 'sendTransport', 'transport'].map(name =>
    value(name, "import('mediasoup').types.WebRtcTransport"),
  ),
]);

const CLIENT: Prelude = Object.fromEntries([
  ...OF_THE_APPLICATION,
  ...from('@mediasoup-heartbeat/client', 'enableHeartbeat'),
  ...from('mediasoup-client', 'Device'),
  value('clientProducer', "import('mediasoup-client').types.Producer"),
  value('clientTransport', "import('mediasoup-client').types.Transport"),
  value('clientHeartbeats', "import('@mediasoup-heartbeat/client').DeviceHeartbeat"),
  value('heartbeat', "import('@mediasoup-heartbeat/client').TransportHeartbeat"),
  value('heartbeats', "import('@mediasoup-heartbeat/client').DeviceHeartbeat"),
  value('device', "import('mediasoup-client').Device"),
  value('message', "import('mediasoup-client').types.TransportOptions & { heartbeatDescriptor: unknown }"),
  value('parameters', "import('mediasoup-client').types.TransportOptions"),
  value('transport', "import('mediasoup-client').types.Transport"),
  // Those of the guide to unit tests, whose examples are parts of test/client/fakeHandler.test.ts.
  ...from('vitest', 'expect', 'test'),
  value('createFakeDevice', "() => Promise<import('mediasoup-client').Device>"),
  value('fakeParameters', 'any'),
  value('FakeHandler', '{ createFactory(parameters: unknown): any }'),
  [
    'Badge',
    "declare class Badge { constructor(heartbeats: import('@mediasoup-heartbeat/client').DeviceHeartbeat); text: string }",
  ],
]);

const OF_THE_CLIENT =
  /^\/\/ client|enableHeartbeat|Heartbeats\b|\bheartbeats\.(on|attach|transports|networkChanged)\b|createFakeDevice|\/client'/m;

/** What an example takes for granted: a client has another `transport` than a server. */
export const preludeFor = ({ code }: Snippet): Prelude => (OF_THE_CLIENT.test(code) ? CLIENT : SERVER);
