import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { UdpRelay } from '../../examples/meeting/relay/UdpRelay.ts';

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');

  await once(socket, 'listening');

  return socket;
}

it('a relay whose client left its network passes only packets of new ports, until the client returns', async () => {
  const server = await bound();
  const [wifi, mobile] = [await bound(), await bound()];
  const relay = await UdpRelay.open(server.address().port);
  const heard = async (text: string, from: Socket) => {
    from.send(text, relay.port, '127.0.0.1');

    const [bytes, flow] = await once(server, 'message');

    return { text: String(bytes), flow };
  };
  const { flow } = await heard('from the wifi', wifi);
  const gaps: number[] = [];

  relay.onreturn = gap => gaps.push(gap);

  relay.leaveNetwork();
  wifi.send('lost', relay.port, '127.0.0.1');
  // It was sent later and arrives alone, so the packet before it is lost. So is the server's answer to the old port.
  expect(await heard('from the mobile network', mobile)).toMatchObject({ text: 'from the mobile network' });

  const { flow: mobileFlow } = await heard('again', mobile);

  expect(gaps).toEqual([]);
  server.send('to the mobile network', mobileFlow.port, '127.0.0.1');
  await once(mobile, 'message');
  expect(gaps).toEqual([expect.any(Number)]);

  const answers: string[] = [];

  wifi.on('message', bytes => answers.push(String(bytes)));
  server.send('lost', flow.port, '127.0.0.1');
  relay.returnToNetwork();

  const { text, flow: newFlow } = await heard('from the wifi again', wifi);

  expect(text).toBe('from the wifi again');
  server.send('answer', newFlow.port, '127.0.0.1');
  await once(wifi, 'message');
  expect(answers).toEqual(['answer']);

  relay.close();

  for (const socket of [server, wifi, mobile]) {
    socket.close();
  }
});

it('a relay that blocks media loses RTP and RTCP, and passes STUN, DTLS and all else', async () => {
  const [server, client] = [await bound(), await bound()];
  const relay = await UdpRelay.open(server.address().port);
  const arrived: number[] = [];

  server.on('message', ([first = 0]) => arrived.push(first));
  relay.impair({ blocksMedia: true }, 'uplink');

  // STUN, DTLS, and what lies next to RTP (128 to 191).
  for (const first of [128, 0, 144, 20, 191, 63, 127, 192]) {
    client.send(Buffer.from([first, 0]), relay.port, '127.0.0.1');
  }

  while (arrived.length < 5) {
    await once(server, 'message');
  }

  expect(arrived).toEqual([0, 20, 63, 127, 192]);
  expect(relay.tally.uplink.lost).toBe(3);
  relay.close();
  server.close();
  client.close();
});
