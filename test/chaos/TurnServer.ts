import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { insist } from '../harness/events.ts';

/** What the client needs to use it. */
const USER = { username: 'ada', credential: 'lovelace' };

/** A real coturn on loopback. */
export class TurnServer {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(port: number, child: ChildProcess) {
    this.port = port;
    this.#child = child;
  }

  /** @param program - The path of coturn's `turnserver`. */
  static async start(program: string): Promise<TurnServer> {
    const port = await freePort();
    const child = spawn(
      program,
      [
        '-n',
        '--listening-ip=127.0.0.1',
        '--relay-ip=127.0.0.1',
        `--listening-port=${port}`,
        '--allow-loopback-peers',
        '--lt-cred-mech',
        `--user=${USER.username}:${USER.credential}`,
        '--realm=test',
        '--no-cli',
        '--no-tls',
        '--no-dtls',
        '--no-stdout-log',
        '--log-file=/dev/null',
        '--pidfile=/dev/null',
        '--userdb=/dev/null',
      ],
      { stdio: 'ignore' },
    );

    await untilAnswers(port);

    return new TurnServer(port, child);
  }

  /** How a client reaches it at this port, for example through a relay. */
  at(port: number): RTCIceServer {
    return { urls: `turn:127.0.0.1:${port}?transport=udp`, ...USER };
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');

    this.#child.kill('SIGKILL');
    await ended;
  }
}

/** Asks with a STUN binding request until an answer comes (RFC 8489). */
async function untilAnswers(port: number): Promise<void> {
  const socket = createSocket('udp4').on('error', () => {});
  const request = Buffer.alloc(20);

  request.writeUInt16BE(1, 0);
  request.writeUInt32BE(0x2112a442, 4);
  await insist(() => socket.send(request, port, '127.0.0.1'), once(socket, 'message'));
  socket.close();
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');

  await once(socket, 'listening');

  const { port } = socket.address();

  socket.close();

  return port;
}
