import { createServer } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { now } from '../../packages/server/src/clock.ts';
import { DueHeap } from '../../packages/server/src/DueHeap.ts';
import { Scheduler, type Task } from '../../packages/server/src/Scheduler.ts';

/** A task that is due once, and remembers what happened to it. */
class OneShot implements Task {
  dueAt: number;
  readonly #onrun: (() => void) | undefined;
  readonly log: string[] = [];

  constructor(dueAt: number, onrun?: () => void) {
    this.dueAt = dueAt;
    this.#onrun = onrun;
  }

  run(): void {
    this.dueAt = Number.POSITIVE_INFINITY;
    this.log.push('run');
    this.#onrun?.();
  }

  stalled(): void {
    this.log.push('stalled');
  }
}

function block(ms: number): void {
  const end = now() + ms;

  while (now() < end);
}

describe('DueHeap', () => {
  it('has the first item first, whatever was put in, moved and taken out', () => {
    const operation = fc.tuple(fc.nat(20), fc.option(fc.integer({ min: 0, max: 1000 })));

    fc.assert(
      fc.property(fc.array(operation, { maxLength: 100 }), operations => {
        const heap = new DueHeap<number>();
        const model = new Map<number, number>();

        for (const [item, dueAt] of operations) {
          if (dueAt === null) {
            heap.delete(item);
            model.delete(item);
          } else {
            heap.set(item, dueAt);
            model.set(item, dueAt);
          }

          expect(heap.firstDueAt).toBe(Math.min(...model.values()));
          expect(heap.size).toBe(model.size);
        }
      }),
    );
  });
});

describe('Scheduler', () => {
  it('runs tasks when they are due, in order, and forgets what is removed', async () => {
    const scheduler = new Scheduler();
    const order: number[] = [];
    const start = now();

    await new Promise<void>(resolve => {
      const removed = new OneShot(start + 10, () => order.push(0));

      scheduler.update(new OneShot(start + 30, resolve));
      scheduler.update(new OneShot(start + 20, () => order.push(2)));
      scheduler.update(removed);
      scheduler.update(new OneShot(start + 5, () => order.push(1)));
      scheduler.remove(removed);
    });

    expect(order).toEqual([1, 2]);
    expect(now()).toBeGreaterThanOrEqual(start + 30);
  });

  it('reads what waits in the sockets before it runs a task, and tells every task of the stall', async () => {
    const scheduler = new Scheduler();
    const order: string[] = [];
    const server = createServer(socket => socket.on('data', () => order.push('input')));
    const { createConnection } = await import('node:net');

    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));

    const address = server.address();
    const socket = createConnection({ port: typeof address === 'object' ? (address?.port ?? 0) : 0 });
    const bystander = new OneShot(now() + 60_000);

    await new Promise(resolve => socket.once('connect', resolve));
    // One round trip through the loop, so that the server has accepted.
    await new Promise(resolve => setTimeout(resolve, 20));

    const task = await new Promise<OneShot>(resolve => {
      const due: OneShot = new OneShot(now() + 20, () => {
        order.push('task');
        resolve(due);
      });

      scheduler.update(bystander);
      scheduler.update(due);
      socket.write('a pong');
      // Timers of the same turn: the socket is readable and the task overdue when the loop turns again.
      setTimeout(() => block(400), 5);
    });

    expect(order).toEqual(['input', 'task']);
    expect(task.log).toEqual(['stalled', 'run']);
    expect(bystander.log).toEqual(['stalled']);
    scheduler.remove(bystander);
    socket.destroy();
    server.close();
  });

  it('does not take a task that is entered overdue for a stall', async () => {
    const scheduler = new Scheduler();
    const bystander = new OneShot(now() + 60_000);

    scheduler.update(bystander);

    const task = await new Promise<OneShot>(resolve => {
      const overdue: OneShot = new OneShot(0, () => resolve(overdue));

      scheduler.update(overdue);
    });

    expect(task.log).toEqual(['run']);
    expect(bystander.log).toEqual([]);
    scheduler.remove(bystander);
  });

  it('does not let a task that is always due block the event loop', async () => {
    const scheduler = new Scheduler();
    let runs = 0;
    const greedy: Task = {
      get dueAt() {
        return runs < 1000 ? 0 : Number.POSITIVE_INFINITY;
      },
      run: () => void runs++,
      stalled: () => {},
    };

    scheduler.update(greedy);
    await new Promise(resolve => setTimeout(resolve, 1));
    await new Promise(resolve => setTimeout(resolve, 1));
    expect(runs).toBeLessThan(1000);
    scheduler.remove(greedy);
  });

  it('spreads phases evenly over the interval, however many', () => {
    const scheduler = new Scheduler();
    const phases = Array.from({ length: 200 }, () => scheduler.nextPhase(1000)).sort((a, b) => a - b);
    const gaps = phases.map((phase, index) => phase - (phases[index - 1] ?? 0));

    expect(Math.min(...phases)).toBeGreaterThan(0);
    expect(Math.max(...phases)).toBeLessThanOrEqual(1000);
    // Evenly would be 5 ms apart; by chance some would be five times that.
    expect(Math.max(...gaps)).toBeLessThan(15);
  });
});
