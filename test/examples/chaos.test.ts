import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { MeetingServer } from '../../examples/meeting/server/MeetingServer.ts';
import type { Notifications, PeerView } from '../../examples/meeting/signaling/messages.ts';
import { SignalingChannel } from '../../examples/meeting/signaling/SignalingChannel.ts';

let server: MeetingServer;
const pages: Page[] = [];

beforeAll(async () => {
  server = await MeetingServer.start(0);
});

afterAll(async () => {
  await Promise.all(pages.map(page => page.close()));
  await server?.close();
});

/** A page that watches, without a browser: its signalling. */
class Page {
  readonly signaling: SignalingChannel;
  readonly #socket: WebSocket;
  #roster: Notifications['roster'] | undefined;
  #look: () => void = () => {};

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.signaling = new SignalingChannel(socket as never);
    this.signaling.onNotification('roster', roster => {
      this.#roster = roster;
      this.#look();
    });
    pages.push(this);
  }

  static async open(): Promise<Page> {
    const socket = new WebSocket(server.url.replace('http', 'ws'));

    await once(socket, 'open');

    const page = new Page(socket);

    await page.signaling.request('watch', {});

    return page;
  }

  /** Waits until the roster shows a client so. */
  until(name: string, isSo: (peer: PeerView) => boolean): Promise<PeerView> {
    return new Promise(resolve => {
      this.#look = () => {
        const peer = this.#roster?.peers.find(peer => peer.name === name);

        if (peer !== undefined && isSo(peer)) {
          resolve(peer);
        }
      };
      this.#look();
    });
  }

  async close(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }
}

const isAlive = ({ state, transports }: PeerView) =>
  state === 'alive' && transports.length === 2 && transports.every(transport => transport.state === 'alive');

it('a cut lives on the server: it ends although the page that asked for it was closed', async () => {
  server.nodePeers.start('Cora');

  const page = await Page.open();
  const { id } = await page.until('Cora', isAlive);

  await page.signaling.request('disturb', { peerId: id, name: 'cut', seconds: 4 });
  await page.until('Cora', ({ disturbances }) => disturbances.cut !== undefined);
  pages.splice(pages.indexOf(page), 1);
  await page.close();

  const later = await Page.open();

  await later.until('Cora', ({ state }) => state === 'suspect');

  const { disturbances } = await later.until('Cora', isAlive);

  expect(disturbances).toEqual({});
}, 60_000);

it('a muted client is dead for the poll of getStats() and alive for the heartbeat', async () => {
  server.nodePeers.start('Mona', { media: true });

  const page = await Page.open();
  const { id } = await page.until('Mona', peer => isAlive(peer) && peer.audio === 'on');

  await page.signaling.request('disturb', { peerId: id, name: 'mute', seconds: 60 });

  const muted = await page.until('Mona', ({ rtpPoll }) => rtpPoll.state === 'dead');

  expect(muted).toMatchObject({ state: 'alive', audio: 'off', iceConsent: { state: 'alive' } });
  await page.signaling.request('restore', { peerId: id });
  await page.until('Mona', ({ audio, rtpPoll }) => audio === 'on' && rtpPoll.state === 'alive');
}, 60_000);

it('a killed client can be brought back, and takes its place in the room again', async () => {
  server.nodePeers.start('Kim');

  const page = await Page.open();
  const { id, seat } = await page.until('Kim', isAlive);

  await expect(page.signaling.request('bringBack', { name: 'Kim' })).rejects.toThrow(
    'Kim is still in the room.',
  );
  await page.signaling.request('end', { peerId: id, signal: 'kill' });
  await page.until('Kim', peer => peer.transports.every(({ state }) => state === 'dead'));
  await page.signaling.request('bringBack', { name: 'Kim' });

  const back = await page.until('Kim', peer => peer.id !== id && isAlive(peer));

  expect(back.seat).toBe(seat);
}, 60_000);

it('the server refuses a disturbance that has no end, or of a client that has left', async () => {
  server.nodePeers.start('Rita');

  const page = await Page.open();
  const { id } = await page.until('Rita', isAlive);
  const ask = (peerId: string, seconds: number, name = 'cut' as never) =>
    page.signaling.request('disturb', { peerId, name, seconds });

  await expect(ask(id, 0)).rejects.toThrow('more than 0 and at most 60 s, got 0.');
  await expect(ask(id, 61)).rejects.toThrow('more than 0 and at most 60 s, got 61.');
  await expect(ask('nobody', 1)).rejects.toThrow('no longer in the room.');
  await expect(ask(id, 1, 'tickle' as never)).rejects.toThrow('Unknown disturbance tickle.');
}, 60_000);

it('the server survives that a frozen client is killed before it continues', async () => {
  server.nodePeers.start('Fred');

  const page = await Page.open();
  const { id } = await page.until('Fred', isAlive);

  await page.signaling.request('disturb', { peerId: id, name: 'freeze', seconds: 60 });
  await page.signaling.request('end', { peerId: id, signal: 'kill' });
  await page.until('Fred', ({ state }) => state === 'dead');
  await page.signaling.request('restore', { peerId: id });

  const { disturbances } = await page.until('Fred', ({ state }) => state === 'dead');

  expect(disturbances).toEqual({});
}, 60_000);

it('a bad network is as bad as was asked, and contains no cut that would outlast it', async () => {
  server.nodePeers.start('Bob');

  const page = await Page.open();
  const { id } = await page.until('Bob', isAlive);

  await page.signaling.request('disturb', {
    peerId: id,
    name: 'bad-network',
    seconds: 60,
    network: { uplink: { delay: 150, blackout: true } as never },
  });
  await page.until('Bob', peer => isAlive(peer) && peer.transports.every(({ rtt }) => (rtt ?? 0) > 100));
  await page.signaling.request('restore', { peerId: id });
  await page.until('Bob', ({ disturbances }) => disturbances['bad-network'] === undefined);
}, 60_000);

it('a client that walks out of the door comes back by itself, and the server knows the gap', async () => {
  server.nodePeers.start('Walt', { media: true });

  const page = await Page.open();
  // While it connects it still tries several ports, and would come back on one of those.
  const { id } = await page.until(
    'Walt',
    peer => isAlive(peer) && peer.transports.every(({ rttHistory }) => rttHistory.length > 4),
  );

  await page.signaling.request('disturb', { peerId: id, name: 'walk', seconds: 60 });

  const { disturbances, recovery } = await page.until(
    'Walt',
    peer => peer.recovery !== undefined && isAlive(peer),
  );

  expect(disturbances).toEqual({});
  expect(recovery).toEqual({ at: expect.any(Number), gap: expect.any(Number) });
}, 60_000);

it('the server refuses the page of another site', async () => {
  const socket = new WebSocket(server.url.replace('http', 'ws'), { origin: 'http://elsewhere.example' });
  const [error] = await once(socket, 'error');

  expect(String(error)).toContain('401');
});
