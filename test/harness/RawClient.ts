import wrtc from '@roamhq/wrtc';
import type { types } from 'mediasoup';

/** What a client without this library knows of its server transport. */
export type RawClientOptions = {
  /** The server's transport, as in the same process. */
  transport: types.WebRtcTransport;
  /** Stream id of the DataChannel that the client opens. */
  streamId: number;
  /** What the client adds to its DTLS parameters. */
  acceptance?: unknown;
  /** The server's port as the client sees it, for example that of a relay. Default: the transport's own. */
  port?: number;
};

/**
 * A libwebrtc peer that connects to a WebRtcTransport with a hand-written SDP and opens one negotiated
 * DataChannel. The tests of the server speak the wire protocol through it, rightly or wrongly, without any code of the
 * client package.
 */
export class RawClient {
  readonly pc: RTCPeerConnection = new wrtc.RTCPeerConnection();
  readonly channel: RTCDataChannel;
  readonly #options: RawClientOptions;

  constructor(options: RawClientOptions) {
    this.#options = options;
    this.channel = this.pc.createDataChannel('mediasoup-heartbeat', {
      negotiated: true,
      id: options.streamId,
      ordered: false,
      maxRetransmits: 0,
    });
    this.channel.binaryType = 'arraybuffer';
  }

  /** Connects, and returns when the DataChannel is open. */
  async connect(): Promise<void> {
    const { transport, acceptance } = this.#options;
    const opened = new Promise(resolve => this.channel.addEventListener('open', resolve, { once: true }));
    const offer = await this.pc.createOffer();

    await this.pc.setLocalDescription(offer);

    const fingerprint = /a=fingerprint:(\S+) (\S+)/.exec(offer.sdp ?? '') as RegExpExecArray;

    await transport.connect({
      dtlsParameters: {
        role: 'client',
        fingerprints: [{ algorithm: fingerprint[1] as 'sha-256', value: fingerprint[2] as string }],
        ...(acceptance === undefined ? {} : { heartbeat: acceptance }),
      } as types.DtlsParameters,
    });
    await this.pc.setRemoteDescription({ type: 'answer', sdp: this.#answer() });
    await opened;
  }

  /** Sends a message on the heartbeat's channel. */
  send(bytes: Uint8Array): void {
    this.channel.send(bytes as Uint8Array<ArrayBuffer>);
  }

  /** Closes the connection, with the DTLS alert of an orderly end. */
  close(): void {
    // What has arrived is delivered yet, and could not be answered.
    this.channel.onmessage = null;
    this.pc.close();
  }

  #answer(): string {
    const { transport, port } = this.#options;
    const { usernameFragment, password } = transport.iceParameters;
    const candidate = transport.iceCandidates.find(({ protocol }) => protocol === 'udp');
    const { fingerprints } = transport.dtlsParameters;
    const fingerprint = fingerprints.find(({ algorithm }) => algorithm === 'sha-256');

    return [
      'v=0',
      'o=- 1 1 IN IP4 0.0.0.0',
      's=-',
      't=0 0',
      'a=ice-lite',
      'a=group:BUNDLE 0',
      'm=application 7 UDP/DTLS/SCTP webrtc-datachannel',
      'c=IN IP4 127.0.0.1',
      'a=mid:0',
      'a=setup:passive',
      `a=ice-ufrag:${usernameFragment}`,
      `a=ice-pwd:${password}`,
      `a=fingerprint:${fingerprint?.algorithm} ${fingerprint?.value}`,
      `a=candidate:1 1 udp 1 127.0.0.1 ${port ?? candidate?.port} typ host`,
      'a=end-of-candidates',
      'a=sctp-port:5000',
      'a=max-message-size:262144',
      '',
    ].join('\r\n');
  }
}
