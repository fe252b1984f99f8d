import { type Arguments, readArguments, USAGE } from './arguments.ts';
import { MeetingServer } from './server/MeetingServer.ts';
import { playStory } from './story/playStory.ts';
import { printJson } from './story/printJson.ts';
import { printText } from './story/printText.ts';
import { STORIES } from './story/stories.ts';
import { TerminalView } from './terminal/TerminalView.ts';

/** The clients that join by themselves. The first one sends no RTP at all, and is alive all the same. */
const NAMES = ['Ada (listens)', 'Ben', 'Cleo', 'Dora', 'Emil', 'Fay'];

const args = argumentsOrExit();

if (args.help) {
  process.stdout.write(USAGE);
} else if (args.story) {
  const { ok } = await playStory(args.json ? printJson : printText, STORIES[args.story]);

  process.exit(ok ? 0 : 1);
} else {
  await meet(args);
}

function argumentsOrExit(): Arguments {
  try {
    return readArguments(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}

async function meet({ port, peers }: Arguments): Promise<void> {
  const server = await MeetingServer.start(port).catch(error => {
    console.error(
      error.code === 'EADDRINUSE'
        ? `Port ${port} is taken. Choose another one: npm start -- --port ${port + 1}`
        : String(error),
    );
    process.exit(1);
  });
  const view = new TerminalView(server.room, server.url);

  for (let index = 0; index < peers; index++) {
    server.nodePeers.start(NAMES[index] ?? `Peer ${index + 1}`, { media: index > 0 });
  }

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, async () => {
      view.close();
      await server.close();
      process.exit(0);
    });
  }
}
