import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { type Endpoint, EndpointLoop, type LoopOwner, type Loops } from '@mediasoup-heartbeat/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLoops } from '../../../packages/client/src/loops.ts';
import { nextPhase, loops as serverLoops } from '../../../packages/server/src/loops.ts';

/** The one part of an endpoint that a loop keeps time for: a timeout, which is set again so long after each call. */
class Clockwork {
  nextTimeout: number;
  readonly ran: number[] = [];
  readonly stalls: number[] = [];
  readonly #period: number;
  readonly #onrun: () => void;

  constructor(dueAt: number, period = Number.POSITIVE_INFINITY, onrun = () => {}) {
    this.nextTimeout = dueAt;
    this.#period = period;
    this.#onrun = onrun;
  }

  handleTimeout(now: number): void {
    this.ran.push(now);
    this.nextTimeout = now + this.#period;
    this.#onrun();
  }

  handleStall(from: number, to: number): void {
    this.stalls.push(Math.round(to - from));
  }

  pollTransmit(): undefined {}

  pollPathProbe(): boolean {
    return false;
  }

  poll(): undefined {}

  stats(): void {}
}

const open = new Set<EndpointLoop<Endpoint>>();

/** Runs a clockwork, until the test ends. */
function start(
  loops: Loops,
  clockwork: Clockwork,
  owner: Partial<LoopOwner> = { wantsStats: false },
): EndpointLoop<Endpoint> {
  const loop = new EndpointLoop(clockwork as unknown as Endpoint, owner as LoopOwner, loops);

  loop.feed(() => {});
  open.add(loop);

  return loop;
}

afterEach(() => {
  for (const loop of open) {
    loop.stop();
  }

  open.clear();
  expect(serverLoops.size).toBe(0);
});

describe('the loops of a server', () => {
  const { now } = serverLoops.surroundings;

  function block(ms: number): void {
    const end = now() + ms;

    while (now() < end);
  }

  it('the loops of a server run when they are due, in order, and not after they are stopped', async () => {
    const order: number[] = [];
    const at = now();
    const due = (ms: number, onrun: () => void) =>
      start(serverLoops, new Clockwork(at + ms, Number.POSITIVE_INFINITY, onrun));

    await new Promise<void>(resolve => {
      due(300, resolve);
      due(200, () => order.push(2));

      const stopped = due(100, () => order.push(0));

      due(50, () => order.push(1));
      stopped.stop();
    });

    expect(order).toEqual([1, 2]);
    expect(now()).toBeGreaterThanOrEqual(at + 300);
  });

  it('after a stall, every loop of a server hears of it once, and what waits in the sockets is read before anybody is judged', async () => {
    const order: string[] = [];
    const bystander = new Clockwork(now() + 60_000);
    const server = createServer(socket =>
      socket.on('data', () => order.push(`input, ${bystander.stalls.length} stall before it`)),
    );

    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));

    const address = server.address();
    const socket = connect({ port: typeof address === 'object' ? (address?.port ?? 0) : 0 });

    await Promise.all([once(socket, 'connect'), once(server, 'connection')]);

    const [first, second] = await new Promise<[Clockwork, Clockwork]>(resolve => {
      const one: Clockwork = new Clockwork(now() + 20, undefined, () => order.push('first'));
      const two: Clockwork = new Clockwork(now() + 21, undefined, () => {
        order.push('second');
        resolve([one, two]);
      });

      start(serverLoops, bystander);
      start(serverLoops, one);
      start(serverLoops, two);
      socket.write('a pong');
      // The socket is readable and the loops are overdue when the event loop turns again, which runs timers first.
      setImmediate(() => block(400));
    });

    expect(order).toEqual(['input, 1 stall before it', 'first', 'second']);
    expect([first, second, bystander].map(({ stalls }) => stalls.length)).toEqual([1, 1, 1]);
    socket.destroy();
    server.close();
  });

  it('a loop of a server that begins overdue is no stall', async () => {
    const bystander = new Clockwork(now() + 60_000);

    start(serverLoops, bystander);

    const overdue = await new Promise<Clockwork>(resolve => {
      const clockwork: Clockwork = new Clockwork(0, undefined, () => resolve(clockwork));

      start(serverLoops, clockwork);
    });

    expect(overdue.ran).toHaveLength(1);
    expect([...overdue.stalls, ...bystander.stalls]).toEqual([]);
  });

  it('a loop of a server that is always due does not block the event loop', async () => {
    const greedy = new Clockwork(0, 0);

    start(serverLoops, greedy);
    await new Promise(resolve => setTimeout(resolve, 1));
    await new Promise(resolve => setTimeout(resolve, 1));
    expect(greedy.ran.length).toBeLessThan(1000);
  });

  it('the phases of a server’s heartbeats are spread evenly over the interval, however many there are', () => {
    const phases = Array.from({ length: 200 }, () => nextPhase(1000)).sort((a, b) => a - b);
    const gaps = phases.map((phase, index) => phase - (phases[index - 1] ?? 0));

    expect(Math.min(...phases)).toBeGreaterThan(0);
    expect(Math.max(...phases)).toBeLessThanOrEqual(1000);
    // Evenly would be 5 ms apart; by chance some would be five times that.
    expect(Math.max(...gaps)).toBeLessThan(15);
  });
});

describe('the timers of a server', () => {
  it('one that throws keeps none of those from firing that are due in the same millisecond', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'performance'] });

    try {
      const { createTimer } = serverLoops.surroundings;
      const [first, cancelled, last] = [vi.fn(), vi.fn(), vi.fn()];

      const timers = [
        () => {
          throw new Error('mine');
        },
        first,
        cancelled,
        last,
      ].map(createTimer);

      for (const timer of timers) {
        timer.set(100);
      }

      expect(() => vi.advanceTimersByTime(101)).toThrow('mine');
      timers[2]?.clear();
      vi.advanceTimersByTime(1);
      expect([first, cancelled, last].map(({ mock }) => mock.calls.length)).toEqual([1, 0, 1]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('the loops of a page', () => {
  let isHidden = false;
  let loops: Loops;
  let stalled: (duration: number) => void;
  let startedAt: number;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    isHidden = false;
    stalled = vi.fn();
    loops = createLoops(() => isHidden, stalled);
    startedAt = loops.surroundings.now();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  /** Due every so many ms. */
  const periodic = (period: number) => new Clockwork(startedAt + period, period);

  const ranAt = ({ ran }: Clockwork) => ran.map(at => Math.round(at - startedAt));

  /** Lets time pass in which no timer can fire. */
  function block(duration: number): void {
    const { now: unblocked } = performance;

    performance.now = () => unblocked.call(performance) + duration;
  }

  it('the loops of a page run each at its time', () => {
    const [slow, fast] = [periodic(1000), periodic(300)];

    start(loops, slow);
    start(loops, fast);
    vi.advanceTimersByTime(1000);
    expect(ranAt(slow)).toEqual([1000]);
    expect(ranAt(fast)).toEqual([300, 600, 900]);
    // One for each.
    expect(vi.getTimerCount()).toBe(2);
  });

  it('a page has no timer when all loops are stopped', () => {
    start(loops, periodic(100)).stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('a timer of a page that fires late is a stall, and waiting input is read before anybody is judged', () => {
    const [late, bystander] = [periodic(1000), periodic(60_000)];

    start(loops, late);
    start(loops, bystander);
    block(4000);
    vi.advanceTimersToNextTimer();
    expect([...late.stalls, ...bystander.stalls]).toEqual([4000, 4000]);
    expect(stalled).toHaveBeenCalledExactlyOnceWith(4000);
    expect(late.ran).toEqual([]);
    vi.advanceTimersToNextTimer();
    expect(late.ran).toHaveLength(1);
  });

  it('an endpoint that fails when it is told of a stall keeps no other one from being told', () => {
    const [faulty, bystander] = [periodic(1000), periodic(60_000)];
    const fail = vi.fn();

    Object.assign(faulty, {
      fail,
      handleStall() {
        throw new Error('fault');
      },
    });
    start(loops, faulty);
    start(loops, bystander);
    block(4000);
    vi.advanceTimersToNextTimer();
    expect(fail).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ message: 'fault' }));
    expect(bystander.stalls).toEqual([4000]);
  });

  it('a timer that is a second late in a hidden page is no stall', () => {
    const late = periodic(1000);

    isHidden = true;
    start(loops, late);
    block(1000);
    vi.advanceTimersToNextTimer();
    expect(late.stalls).toEqual([]);
    expect(ranAt(late)).toEqual([2000]);
  });

  it('figures come once a second, and one more listener does not postpone them', () => {
    const emit = vi.fn();
    const loop = start(loops, new Clockwork(Number.POSITIVE_INFINITY), { wantsStats: true, emit });

    loop.statsWanted();
    vi.advanceTimersByTime(600);
    loop.statsWanted();
    vi.advanceTimersByTime(400);
    expect(emit).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(2000);
    expect(emit).toHaveBeenCalledTimes(3);
  });

  it('figures that are due are not told when the loop has just been stopped', () => {
    const emit = vi.fn();
    const loop: EndpointLoop<Endpoint> = start(
      loops,
      new Clockwork(startedAt + 1000, undefined, () => loop.stop()),
      { wantsStats: true, emit },
    );

    loop.statsWanted();
    vi.advanceTimersByTime(5000);
    expect(emit).not.toHaveBeenCalled();
  });
});
