import { registerHooks } from 'node:module';
import { withCorking } from './withCorking.ts';

// Loaded before a server of the bench: replaces mediasoup's Channel in memory. Nothing in node_modules changes.

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);

    return /\/mediasoup\/node\/lib\/Channel\.js$/.test(url) && loaded.source
      ? { ...loaded, source: withCorking(Buffer.from(loaded.source as Uint8Array).toString()) }
      : loaded;
  },
});
