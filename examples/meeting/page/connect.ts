import { SignalingChannel } from '../signaling/SignalingChannel.ts';

/** The first and the longest time between two tries, in ms. */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 8000;

type Listener = {
  /** The signalling is connected: for the first time, or again. */
  connected(signaling: SignalingChannel): void;
  /** It is lost, and another try follows. */
  lost(): void;
};

/** Keeps the signalling connected. Tries again at growing intervals. */
export function keepConnected(listener: Listener, wait = FIRST_WAIT): void {
  const socket = new WebSocket(location.href.replace('http', 'ws'));
  let next = Math.min(wait * 2, LONGEST_WAIT);

  socket.onopen = () => {
    next = FIRST_WAIT;
    listener.connected(new SignalingChannel(socket));
  };
  socket.onclose = () => {
    listener.lost();
    setTimeout(() => keepConnected(listener, next), wait);
  };
}
