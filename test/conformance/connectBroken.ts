import { decodeFrame, encodeFrame, type Frame, PROTOCOL_VERSION } from '@mediasoup-heartbeat/protocol';
import { LineClient } from '../../packages/conformance/src/LineClient.ts';
import { LineServer } from '../../packages/conformance/src/LineServer.ts';
import { bytesOf, hexOf } from '../../packages/conformance/src/LineSide.ts';
import type { Connect } from '../../packages/conformance/src/Subject.ts';
import type { Variant } from './variants.ts';

/** Starts the reference implementation with one fault, in this process: a variant changes what goes in and out of it. */
export function connectBroken(make: () => Variant): Connect {
  return (role, interval, onLine) => {
    const { send, receive, line: lineIn, print: lineOut, random } = make();
    let isRunning = true;

    // Later, as a process would: it does not hear its own answer before it has finished what it does.
    const tell = (line: string) => void setImmediate(() => isRunning && onLine(line));

    function print(line: string): void {
      const [word = '', rest = ''] = line.split(' ');

      if (word === 'frame' && send) {
        for (const frame of send(decodeFrame(bytesOf(rest), PROTOCOL_VERSION))) {
          tell(toLine(frame));
        }
      } else {
        tell(lineOut ? lineOut(line) : line);
      }
    }

    const side =
      role === 'server' ? new LineServer(interval, print, random) : new LineClient(interval, print);

    function hear(line: string): void {
      const [word = '', rest = ''] = line.split(' ');

      if (word === 'frame' && receive) {
        for (const bytes of receive(bytesOf(rest))) {
          side.handleLine(`frame ${hexOf(bytes)}`);
        }
      } else {
        side.handleLine(lineIn ? lineIn(line) : line);
      }
    }

    return {
      say: line => void setImmediate(() => isRunning && hear(line)),
      pause: () => false,
      end: () => {
        isRunning = false;
        // So that its timers end, too.
        side.handleLine('close');
      },
    };
  };
}

function toLine(frame: Frame): string {
  return `frame ${hexOf(encodeFrame(frame, PROTOCOL_VERSION))}`;
}
