import { resolveDetectorOptions } from '../../packages/protocol/src/detector/options.ts';
import { LocalHealth } from '../../packages/protocol/src/endpoint/LocalHealth.ts';
import type { Judgement } from '../detector/Contender.ts';
import { OwnServer } from '../detector/OwnServer.ts';

/** Between two looks at the simulated world, in ms. */
const STEP = 5;

/** Each client's round trip, in ms. */
const RTT = 50;

/** One client: its server side, the pongs on their way to it, and since when it is in its state. */
type Member = {
  server: OwnServer;
  pongs: Array<{ seq: number; at: number }>;
  next: number;
  isCut: boolean;
  /** What arrived on its transport. */
  received: number;
  suspectAt?: number;
  diedAt?: number;
  aliveAt?: number;
};

/** Clients of one server, whose paths can be cut together. Times in ms. */
export class Fleet {
  readonly members: Member[];
  #now = 0;

  /** @param isAware - Whether the server takes its own health into account. */
  constructor(size: number, isAware: boolean) {
    const health = isAware ? [new LocalHealth()] : [];
    const bounds = resolveDetectorOptions();

    this.members = Array.from({ length: size }, (_, index) => {
      const server = new OwnServer(bounds, health);

      server.start(0, 1 + (index * bounds.interval) / size);

      return { server, pongs: [], next: 0, isCut: false, received: 0 };
    });
  }

  /** Cuts the paths of some clients, or joins them again. */
  cut(members: readonly Member[], isCut = true): void {
    for (const member of members) {
      member.isCut = isCut;
      member.pongs = isCut ? [] : member.pongs;
    }
  }

  /** Lets time pass, and notes when each client changes its state for the first time. */
  run(ms: number): void {
    for (const end = this.#now + ms; this.#now < end; this.#now += STEP) {
      for (const member of this.members) {
        this.#step(member);
      }
    }
  }

  /** Forgets when clients changed their states. */
  forget(): number {
    for (const member of this.members) {
      delete member.suspectAt;
      delete member.diedAt;
      delete member.aliveAt;
    }

    return this.#now;
  }

  #step(member: Member): void {
    const { server, pongs } = member;
    const now = this.#now;

    while (pongs[0] !== undefined && pongs[0].at <= now) {
      member.received++;
      server.answered(pongs[0].seq, RTT, pongs[0].at);
      pongs.shift();
    }

    server.timeout(now);

    while (server.takePing()) {
      const seq = member.next++;

      if (!member.isCut) {
        pongs.push({ seq, at: now + RTT });
      }
    }

    if (server.takePathProbe()) {
      server.path(member.received, now);
    }

    this.#note(member, server.judge(), now);
  }

  #note(member: Member, state: Judgement, now: number): void {
    if (state === 'suspect') {
      member.suspectAt ??= now;
    } else if (state === 'dead') {
      member.diedAt ??= now;
    } else if (member.suspectAt !== undefined) {
      member.aliveAt ??= now;
    }
  }
}
