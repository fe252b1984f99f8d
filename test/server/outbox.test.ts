import { EventEmitter } from 'node:events';
import type { DataConsumer } from 'mediasoup/types';
import { expect, test } from 'vitest';
import { Outbox } from '../../packages/server/src/Outbox.ts';
import { until } from '../harness/events.ts';

/** A DataConsumer whose worker refuses everything until there is room. */
class Full extends EventEmitter {
  readonly taken: string[] = [];
  room = 0;

  async send(message: Buffer): Promise<void> {
    this.emit('offered');

    if (this.room === 0) {
      throw new Error('sctpsendbufferfull');
    }

    this.room--;
    this.taken.push(String(message));
    this.emit('taken');
  }

  async getBufferedAmount(): Promise<number> {
    return 0;
  }
}

test('messages that the worker refuses while its send buffer is full wait and are sent later in their order', async () => {
  const full = new Full();
  const outbox = new Outbox(full as unknown as DataConsumer, () => true);

  outbox.send(Buffer.from('one'));
  outbox.send(Buffer.from('two'));
  await new Promise(resolve => full.once('offered', resolve));
  outbox.send(Buffer.from('three'));
  expect(await outbox.buffered()).toBe('onetwothree'.length);
  full.room = 2;
  await until(full, 'taken', () => full.taken.length === 2);
  expect(await outbox.buffered()).toBe('three'.length);
  full.room = 2;
  await until(full, 'taken', () => full.taken.length === 3);
  expect(full.taken).toEqual(['one', 'two', 'three']);
  expect(await outbox.buffered()).toBe(0);
  outbox.close();
});

test('messages that an association refuses because it is down are dropped', async () => {
  const outbox = new Outbox(new Full() as unknown as DataConsumer, () => false);

  outbox.send(Buffer.from('one'));
  await Promise.resolve();
  await Promise.resolve();
  expect(await outbox.buffered()).toBe(0);
});
