import { later } from '../timer.ts';

/** How long the browser may take to find its network interfaces, in ms. */
const PATIENCE = 1000;

/**
 * Whether the machine has a network. Firefox fires no events for that. It gives a restart up after 5 s without a network, and then
 * closes the data channels for good. So a connection that is thrown away finds it out.
 */
export async function hasNetwork(): Promise<boolean> {
  const connection = new RTCPeerConnection();

  try {
    return await new Promise(resolve => {
      const timer = later(() => resolve(false), PATIENCE);

      connection.onicecandidate = ({ candidate }) => {
        // Its TCP candidates need no network.
        if (candidate === null || candidate.protocol === 'udp') {
          clearTimeout(timer);
          resolve(candidate !== null);
        }
      };
      connection.createDataChannel('');
      connection.setLocalDescription().catch(() => resolve(true));
    });
  } finally {
    connection.close();
  }
}
