/** Where mediasoup's Channel writes a request, and where a notification. */
const WRITE = "this.#producerSocket.write(buffer, 'binary');";

/** What it writes with instead. */
const METHOD = `
    // All messages of one turn leave with one system call.
    #write(buffer) {
        const socket = this.#producerSocket;
        if (socket.writableCorked === 0) {
            socket.cork();
            process.nextTick(() => socket.uncork());
        }
        socket.write(buffer, 'binary');
    }
`;

/** Before what the method is added. */
const BEFORE = '    processResponse(response) {';

/**
 * Lets mediasoup's Channel write once per turn of the event loop instead of once per message.
 *
 * @param source - Of `node/lib/Channel.js`.
 * @throws Error if it is not the source that this was made for.
 */
export function withCorking(source: string): string {
  const writes = source.split(WRITE).length - 1;

  if (writes !== 2 || source.split(BEFORE).length !== 2) {
    throw new Error(
      `mediasoup's Channel writes in ${writes} places instead of 2. Adapt bench/corking/withCorking.ts to it.`,
    );
  }

  return source.replaceAll(WRITE, 'this.#write(buffer);').replace(BEFORE, `${METHOD}${BEFORE}`);
}
