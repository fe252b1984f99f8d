import type { types } from 'mediasoup-client';
import { handlerOf, type Internals, internalsOf } from '../handler.ts';
import { OperationQueue } from '../OperationQueue.ts';

/**
 * Restarts ICE of a transport without its server: with the parameters that the server has given last. The server accepts that as
 * often as it comes, and has nothing to do for it.
 *
 * A sending transport does it by its handler's `restartIce()`. On a receiving one that is no restart: the offer is the server's, and it
 * has not changed. So the client offers, and the server's part of the session is the answer.
 */
export class LocalRestart {
  readonly #transport: types.Transport;
  readonly #queue: OperationQueue;
  #isRunning = false;

  constructor(transport: types.Transport) {
    this.#transport = transport;
    this.#queue = new OperationQueue(transport);
  }

  /** Whether this handler is known, so that it can be tried. */
  get isPossible(): boolean {
    return internalsOf(this.#transport) !== undefined;
  }

  /** Whether it is this that calls the handler's `restartIce()` now, and not the application. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  /**
   * Restarts ICE, as an operation of the transport: after those that the application has begun.
   *
   * @param isWanted - Asked when its turn has come.
   * @param iceParameters - New ones of the server. Default: those in use.
   * @returns whether it was still wanted.
   * @throws what the browser threw. The session is as before.
   */
  async run(isWanted: () => boolean, iceParameters?: types.IceParameters): Promise<boolean> {
    let hasRun = false;

    await this.#queue.run(async () => {
      if (!isWanted()) {
        return;
      }

      hasRun = true;
      this.#isRunning = true;

      try {
        await this.#restart(iceParameters);
      } finally {
        this.#isRunning = false;
      }
    });

    return hasRun;
  }

  async #restart(iceParameters: types.IceParameters | undefined): Promise<void> {
    const internals = internalsOf(this.#transport);
    const isNew = iceParameters?.usernameFragment !== internals?.iceParameters.usernameFragment;

    if (iceParameters !== undefined && isNew) {
      await handlerOf(this.#transport).restartIce(iceParameters);
    } else if (internals === undefined) {
      throw new Error('ICE cannot be restarted: this handler is not known');
    } else if (this.#transport.direction === 'send') {
      await handlerOf(this.#transport).restartIce(internals.iceParameters);
    } else {
      await offer(internals);
    }
  }
}

/** Offers a restart on a session in which the server offers otherwise, and lets the server's part of it be the answer. */
async function offer({ connection, remoteSdp }: Internals): Promise<void> {
  if (connection.signalingState !== 'stable') {
    throw new Error(`ICE cannot be restarted: the session is ${connection.signalingState}`);
  }

  const setup = serverSetup(connection);

  await connection.setLocalDescription(await connection.createOffer({ iceRestart: true }));

  try {
    const offered = sectionsOf(connection.localDescription?.sdp).map(extensionsIn);
    // A section of the answer may have nothing that the same section of the offer lacks, or Firefox refuses it.
    const sdp = sectionsOf(remoteSdp.getSdp())
      .map((section, index) =>
        section.replace(/a=extmap:\S+ (\S+).*\r\n/g, (line, uri) => (offered[index]?.has(uri) ? line : '')),
      )
      .join('')
      .replace(/a=setup:\w+/g, `a=setup:${setup}`);

    await connection.setRemoteDescription({ type: 'answer', sdp });
  } catch (error) {
    await connection.setLocalDescription({ type: 'rollback' });

    throw error;
  }
}

/** Which side of DTLS the server is. It stays what it is: only ICE is restarted. */
function serverSetup({ localDescription, remoteDescription }: RTCPeerConnection): string {
  const remote = setupIn(remoteDescription);

  return remote !== 'actpass' && remote !== undefined
    ? remote
    : setupIn(localDescription) === 'passive'
      ? 'active'
      : 'passive';
}

function setupIn(description: RTCSessionDescription | null): string | undefined {
  return /a=setup:(\w+)/.exec(description?.sdp ?? '')?.[1];
}

/** The part before the media, and each media section. */
function sectionsOf(sdp = ''): string[] {
  return sdp.split(/^(?=m=)/m);
}

function extensionsIn(section: string): Set<string | undefined> {
  return new Set([...section.matchAll(/a=extmap:\S+ (\S+)/g)].map(([, uri]) => uri));
}
