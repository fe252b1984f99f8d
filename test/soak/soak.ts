import { setTimeout as lasting } from 'node:timers/promises';
import type { types } from 'mediasoup';
import { seededRandom } from '../../examples/meeting/relay/random.ts';
import { startRouter } from '../harness/server.ts';
import type { Arguments } from './arguments.ts';
import { Crew } from './Crew.ts';
import { compareInventories, type Inventory, megabytes, takeInventory } from './Inventory.ts';
import { judge } from './judge.ts';
import { Life, now } from './Life.ts';
import type { Truth } from './Truth.ts';

/** How many clients share a process, and the least number of processes. */
const CREW = 5;

/** How often the progress is printed, in ms. */
const PROGRESS = 10_000;

/** How often this process checks whether it stalled, and how late the check may be, in ms. */
const PULSE = 100;
const LATE = 400;

/** Ranges of the time between two faults of a client, and of a process, in ms. */
const REST = [6000, 30_000] as const;
const CALM = [30_000, 90_000] as const;

type Random = () => number;

/**
 * Causes faults for real clients, compares every state change with them, and compares the resources at the end with
 * those at the beginning. Prints the result on stdout, and the progress on stderr.
 *
 * @returns whether everything was right
 */
export async function soak(args: Arguments): Promise<boolean> {
  const run = new Soak(args, await startRouter());

  // Always end all processes: a stopped one would stay for ever.
  process.on('exit', () => run.abandon());

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      console.error('interrupted');
      process.exit(130);
    });
  }

  return run.run();
}

class Soak {
  readonly #args: Arguments;
  readonly #worker: types.Worker;
  readonly #router: types.Router;
  readonly #crews: Crew[];
  readonly #ending = new AbortController();
  readonly #faults: Record<string, number> = {};
  readonly #verdicts: Record<string, number> = {};
  readonly #disagreements: string[] = [];
  #lives = 0;

  constructor(args: Arguments, { worker, router }: { worker: types.Worker; router: types.Router }) {
    this.#args = args;
    this.#worker = worker;
    this.#router = router;

    const size = Math.min(CREW, Math.ceil(args.peers / CREW));

    this.#crews = Array.from({ length: Math.ceil(args.peers / size) }, () => new Crew());
  }

  async run(): Promise<boolean> {
    const { minutes, peers, seed } = this.#args;
    const began = now();
    const progress = setInterval(() => console.error(this.#progress(now() - began)), PROGRESS);
    const pulse = this.#watchPulse();

    console.error(`${peers} peers in ${this.#crews.length} processes, ${minutes} minutes, seed ${seed}`);

    const before = await this.#calmRound();

    setTimeout(() => this.#ending.abort(), minutes * 60_000);

    await Promise.all([
      ...Array.from({ length: peers }, (_, seat) => this.#sit(seat)),
      // The first crew has no faults: its clients must have no changes.
      ...this.#crews.slice(1).map((crew, index) => this.#trouble(crew, seededRandom(seed + 10_000 + index))),
    ]);

    const after = await takeInventory(this.#worker, this.#router);
    const leftovers = compareInventories(before, after);

    clearInterval(progress);
    clearInterval(pulse);
    this.#report(before, after, leftovers);
    await Promise.all(this.#crews.map(crew => crew.close()));
    this.#worker.close();

    return this.#disagreements.length + leftovers.length === 0;
  }

  /** Kills whoever is still there. */
  abandon(): void {
    for (const crew of this.#crews) {
      crew.process.signal('SIGKILL');
    }

    this.#worker.close();
  }

  /** All clients join and leave once, so that one-time allocations exist before the count. */
  async #calmRound(): Promise<Inventory> {
    const lives = await Promise.all(
      Array.from({ length: this.#args.peers }, (_, seat) => this.#begin(seat, `warm-up-${seat}`)),
    );

    await Promise.all(lives.map(life => life && this.#end(life)));

    return takeInventory(this.#worker, this.#router);
  }

  /** One client after another joins in a seat, has its faults, and leaves. */
  async #sit(seat: number): Promise<void> {
    const random = seededRandom(this.#args.seed + seat);
    const untouched = this.#crewOf(seat) === this.#crews[0];

    for (let number = 1; !this.#ending.signal.aborted; number++) {
      const life = await this.#begin(seat, `peer-${seat}.${number}`);

      if (life === undefined) {
        continue;
      }

      const over = AbortSignal.any([life.over, this.#ending.signal]);

      while (await pass(untouched ? Number.MAX_SAFE_INTEGER : between(random, ...REST), over)) {
        if (!(await this.#strike(life, random))) {
          break;
        }
      }

      await this.#end(life);
    }
  }

  /** Causes a fault for a client. Returns whether it stays. */
  async #strike(life: Life, random: Random): Promise<boolean> {
    const dice = random();

    if (dice < 0.35) {
      this.#count('cut under 4 s');
      await life.cut(between(random, 200, 3900), 'cut');
    } else if (dice < 0.55) {
      this.#count('cut of 8 to 16 s');
      await life.cut(between(random, 8500, 16_000), 'cut');
    } else if (dice < 0.62) {
      this.#count('cut of 32 to 45 s');
      await life.cut(between(random, 32_000, 45_000), 'cut');
    } else if (dice < 0.7) {
      this.#count('cut of the uplink');
      await life.cut(between(random, 1000, 11_000), 'uplink');
    } else if (dice < 0.85) {
      this.#count('bad path');
      await life.impair(
        {
          loss: random() * 0.15,
          delay: random() * 150,
          jitter: random() * 60,
          duplicate: random() * 0.1,
          corrupt: random() * 0.05,
          reorder: random() < 0.5,
        },
        between(random, 10_000, 25_000),
      );
    } else {
      this.#count('goodbye');
      return false;
    }

    return true;
  }

  /** Causes faults for a whole process. */
  async #trouble(crew: Crew, random: Random): Promise<void> {
    while (await pass(between(random, ...CALM), this.#ending.signal)) {
      if (random() < 0.7) {
        this.#count('process stopped');
        await crew.stop(() => lasting(between(random, 500, 12_000)));
      } else {
        this.#count('process killed');
        crew.kill();
      }
    }
  }

  async #begin(seat: number, name: string): Promise<Life | undefined> {
    const crew = this.#crewOf(seat);
    const { process } = crew;
    const life = await Life.begin(name, process, this.#router, this.#args.seed + seat);

    if (life === undefined) {
      if (process.running) {
        this.#disagreements.push(`${name}: joined, but was never alive on both sides`);
      }
    } else if (process !== crew.process) {
      // Killed between two turns of the loop.
      life.killed();
      await life.end();

      return undefined;
    } else {
      this.#lives++;
      crew.lives.add(life);
    }

    return life;
  }

  async #end(life: Life): Promise<void> {
    // The process is stopped just now, so its client cannot say goodbye.
    const truth = await life.end();

    for (const crew of this.#crews) {
      crew.lives.delete(life);
    }

    this.#tally(truth);

    for (const disagreement of judge(truth)) {
      this.#disagreements.push(disagreement);
      console.error(disagreement);
    }
  }

  #crewOf(seat: number): Crew {
    return this.#crews[Math.floor((seat * this.#crews.length) / this.#args.peers)] as Crew;
  }

  #tally({ server, client }: Truth): void {
    for (const [side, said] of [
      ['server', server],
      ['client', client],
    ] as const) {
      for (const { state, reason } of said) {
        const verdict = `${side}: ${state} (${reason})`;

        this.#verdicts[verdict] = (this.#verdicts[verdict] ?? 0) + 1;
      }
    }
  }

  #count(fault: string): void {
    this.#faults[fault] = (this.#faults[fault] ?? 0) + 1;
  }

  /** While this process did not run, nobody was heard. That is recorded, too. */
  #watchPulse(): NodeJS.Timeout {
    let beatAt = now();

    return setInterval(() => {
      const time = now();

      if (time - beatAt > PULSE + LATE) {
        for (const crew of this.#crews) {
          crew.paused(beatAt);
        }
      }

      beatAt = time;
    }, PULSE);
  }

  #progress(elapsed: number): string {
    const faults = Object.values(this.#faults).reduce((sum, count) => sum + count, 0);
    const present = this.#crews.reduce((sum, { lives }) => sum + lives.size, 0);

    return (
      `${Math.round(elapsed / 1000)} s: ${present} peers there, ${this.#lives} joined, ${faults} faults, ` +
      `${this.#disagreements.length} disagreements, heap ${megabytes(process.memoryUsage().heapUsed)}`
    );
  }

  #report(before: Inventory, after: Inventory, leftovers: string[]): void {
    const { minutes, peers, seed, json } = this.#args;
    const ok = this.#disagreements.length + leftovers.length === 0;

    if (json) {
      const figures = { lives: this.#lives, faults: this.#faults, verdicts: this.#verdicts };

      console.log(
        JSON.stringify({
          ok,
          minutes,
          peers,
          seed,
          ...figures,
          before,
          after,
          disagreements: this.#disagreements,
          leftovers,
        }),
      );
      return;
    }

    console.log(
      [
        `${peers} peers, ${minutes} minutes, seed ${seed}: ${this.#lives} joined`,
        ...table('faults', this.#faults),
        ...table('verdicts', this.#verdicts),
        `heap ${megabytes(before.heap)} before, ${megabytes(after.heap)} after; ` +
          `worker ${megabytes(before.worker)} before, ${megabytes(after.worker)} after`,
        ...this.#disagreements.map(line => `✗ ${line}`),
        ...leftovers.map(line => `✗ left over: ${line}`),
        ok
          ? '✓ every verdict agrees with what was done, and nothing is left'
          : '✗ not everything was as it should be',
      ].join('\n'),
    );
  }
}

function table(title: string, counts: Record<string, number>): string[] {
  return [
    `${title}:`,
    ...Object.entries(counts)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([name, count]) => `  ${String(count).padStart(6)}  ${name}`),
  ];
}

function between(random: Random, least: number, most: number): number {
  return least + random() * (most - least);
}

/** Waits for a time. Returns `false` if it was ended earlier. */
async function pass(ms: number, over: AbortSignal): Promise<boolean> {
  // The longest that a timer can be set for.
  return lasting(Math.min(ms, 2 ** 31 - 1), true, { signal: over }).catch(() => false);
}
