import { decodeFrame, encodeFrame, type Frame, PROTOCOL_VERSION } from '@mediasoup-heartbeat/protocol';

/** What one broken implementation does otherwise. Each part may be left out. */
export type Variant = {
  /** What is sent in place of a frame. */
  send?: (frame: Frame) => Frame[];
  /** What is read in place of a message. */
  receive?: (bytes: Uint8Array) => Uint8Array[];
  /** What is read in place of another line. */
  line?: (line: string) => string;
  /** What is printed in place of another line. */
  print?: (line: string) => string;
  /** The tokens of its pings. */
  random?: () => number;
};

type Type = Frame['type'];
type Of<T extends Type> = Extract<Frame, { type: T }>;

/** Sends other frames of one type. */
const sends = <T extends Type>(type: T, make: (frame: Of<T>) => Frame[]): Variant => ({
  send: frame => (frame.type === type ? make(frame as Of<T>) : [frame]),
});

/** Reads other frames of one type. */
const reads = <T extends Type>(type: T, make: (frame: Of<T>) => Frame[]): Variant => ({
  receive: bytes => {
    const frame = parsed(bytes);

    return frame?.type === type
      ? make(frame as Of<T>).map(one => encodeFrame(one, PROTOCOL_VERSION))
      : [bytes];
  },
});

function parsed(bytes: Uint8Array): Frame | undefined {
  try {
    return decodeFrame(bytes, PROTOCOL_VERSION);
  } catch {
    return undefined;
  }
}

/** Each breaks the requirement that its name begins with. A name says which side, and how. */
export const VARIANTS: Readonly<Record<string, () => Variant>> = {
  'HB-FRM-1 client writes numbers longer than need be': () => ({
    print: line => line.replace('encoded 01950200', 'encoded 019502cc00'),
  }),
  'HB-FRM-4 client swaps the fields of a report': () => ({
    print: line =>
      line.replace(/"(downlink|uplink)"/g, (_, way) => (way === 'uplink' ? '"downlink"' : '"uplink"')),
  }),
  'HB-FRM-6 client charges for frames that it does not know': () => ({
    receive: bytes => (bytes[2] === 0x63 ? [new Uint8Array([1, 0xc0])] : [bytes]),
  }),
  'HB-FRM-3 client answers what is no frame': () => ({
    receive: bytes =>
      parsed(bytes) === undefined ? [encodeFrame({ type: 'goodbye', cause: 0 }, PROTOCOL_VERSION)] : [bytes],
  }),
  'HB-VER-1 client reads frames of other versions': () => ({
    receive: bytes => [new Uint8Array([1, ...bytes.slice(1)])],
  }),
  'HB-NEG-3 client takes the first version of the list': () => ({
    print: line => line.replace('acceptance {"version":1}', 'acceptance {"version":127}'),
  }),
  'HB-NEG-4 client takes any interval': () => ({
    line: line => line.replace(/"interval":\d+/, '"interval":100'),
  }),
  'HB-NEG-5 client takes any stream id': () => ({
    line: line => line.replace(/"streamId":[\d.]+/, '"streamId":100'),
  }),
  'HB-CHN-1 client opens an ordered channel': () => ({
    print: line => line.replace('"ordered":false', '"ordered":true'),
  }),
  'HB-HELLO-2 client says hello more often': () => sends('hello', hello => [hello, hello]),
  'HB-PONG-1 client answers twice': () => sends('pong', pong => [pong, pong]),
  'HB-PONG-1 client forgets the token': () => sends('pong', pong => [{ ...pong, token: 1 }]),
  'HB-PONG-3 client remembers no ping': () => sends('pong', pong => [{ ...pong, seen: 0 }]),
  'HB-PONG-4 client always says that it is visible': () => sends('pong', pong => [{ ...pong, hidden: 0 }]),
  'HB-RTT-3 client forgets that the server held its pong': () => ({
    print: line => line.replace(/"rtt":[\d.]+/, '"rtt":1501'),
  }),
  'HB-LOSS-4 client counts no gaps': () => ({ print: line => line.replace(/"lost":\d+/, '"lost":0') }),
  'HB-PAUSE-2 client ignores pauses': () => reads('paused', () => []),
  'HB-PAUSE-5 client does not tell that an interruption is over': () => sends('resumed', () => []),
  'HB-BYE-1 client says goodbye once': () => {
    let said = 0;

    return sends('goodbye', goodbye => (said++ === 0 ? [goodbye] : []));
  },
  'HB-BYE-2 client takes each goodbye for a death': () =>
    reads('goodbye', goodbye => [{ ...goodbye, cause: 0 }]),
  'HB-BYE-4 client falls silent after its goodbyes': () => {
    let said = 0;

    return sends('goodbye', goodbye => (said++ < 3 ? [goodbye] : []));
  },
  'HB-JUDGE-3 client does not notice that the connection failed': () => ({
    line: line => (line === 'failed' ? 'stats' : line),
  }),
  'HB-SEC-3 client reads on': () => ({ receive: bytes => (parsed(bytes) === undefined ? [] : [bytes]) }),
  'HB-PING-1 server begins with 1': () => sends('ping', ping => [{ ...ping, seq: ping.seq + 1 }]),
  'HB-PING-2 server repeats its token': () => ({ random: () => 0x12345678 }),
  'HB-PING-2 server counts its tokens up': () => {
    let token = 0x12345678;

    return { random: () => token++ };
  },
  'HB-PING-3 server does not count the pongs': () => sends('ping', ping => [{ ...ping, pongs: 0 }]),
  'HB-PING-4 server pings without a limit': () => sends('ping', ping => Array(10).fill(ping)),
  'HB-PONG-2 server counts a pong twice': () => ({
    print: line => line.replace('"received":1,', '"received":3,'),
  }),
  'HB-SEC-1 server believes any token': () => {
    const tokens = new Map<number, number>();

    return {
      ...sends('ping', ping => {
        tokens.set(ping.seq, ping.token);

        return [ping];
      }),
      ...reads('pong', pong => [{ ...pong, token: tokens.get(pong.seq) ?? 0 }]),
    };
  },
  'HB-RTT-2 server believes any hold': () => ({
    print: line => line.replace(/"rtt":[\d.]+/, '"rtt":0'),
  }),
  'HB-LOSS-3 server swaps the directions': () => ({
    print: line => line.replace(/"(up|down)link"/g, (_, way) => (way === 'up' ? '"downlink"' : '"uplink"')),
  }),
  'HB-HELLO-1 server ignores hellos': () => reads('hello', () => []),
  'HB-JUDGE-5 server does not look at the silence': () =>
    reads('hello', ({ instance, hidden }) => [{ type: 'hello', instance, hidden }]),
  'HB-HELLO-4 server does not look at the instance': () =>
    reads('hello', hello => [{ ...hello, instance: 1 }]),
  'HB-REPORT-1 server reports nothing': () => sends('report', () => []),
  'HB-REPORT-3 server reports no loss before it knows': () =>
    sends('report', report => [{ ...report, downlink: 0, uplink: 0 }]),
  'HB-NEG-7 server does not wait for the acceptance': () => ({
    line: line => (line.startsWith('accept') ? 'accept {"version":1}' : line),
  }),
  'HB-BYE-2 server never tells that it is switched off': () =>
    sends('goodbye', goodbye => [{ ...goodbye, cause: 1 }]),
  'HB-BYE-3 server lets nobody come back': () => {
    let left = false;

    return {
      receive: bytes => {
        left ||= parsed(bytes)?.type === 'goodbye';

        return left && parsed(bytes)?.type !== 'goodbye' ? [] : [bytes];
      },
    };
  },
  'HB-PAUSE-4 server lets pauses postpone suspicion for ever': () => ({
    print: line => line.replace('state suspect', 'state alive'),
  }),
  'HB-JUDGE-2 server takes a hello for a proof of life': () => {
    let hellos = 0;

    return {
      ...reads('hello', hello => {
        hellos++;

        return [hello];
      }),
      print: line => (hellos > 1 && line.startsWith('frame') ? 'state alive first-pong' : line),
    };
  },
  'HB-SEC-3 server reads on': () => ({ receive: bytes => (parsed(bytes) === undefined ? [] : [bytes]) }),
  'HB-SEC-2 server does not count what it drops': () => ({
    print: line => line.replace(/"malformed":\d+/, '"malformed":0'),
  }),
};
