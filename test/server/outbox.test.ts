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
}

test('messages that the worker refuses while its send buffer is full wait and are sent later in their order', async () => {
  const full = new Full();
  const outbox = new Outbox(full as unknown as DataConsumer, () => true);

  outbox.send(Buffer.from('one'));
  outbox.send(Buffer.from('two'));
  await new Promise(resolve => full.once('offered', resolve));
  outbox.send(Buffer.from('three'));
  expect(outbox.refused).toBe('onetwothree'.length);
  full.room = 2;
  await until(full, 'taken', () => full.taken.length === 2);
  expect(outbox.refused).toBe('three'.length);
  full.room = 2;
  await until(full, 'taken', () => full.taken.length === 3);
  expect(full.taken).toEqual(['one', 'two', 'three']);
  expect(outbox.refused).toBe(0);
  outbox.close();
});

test('messages that an association refuses because it is down are dropped, and the cause is told', async () => {
  const causes: string[] = [];
  const outbox = new Outbox(
    new Full() as unknown as DataConsumer,
    () => false,
    cause => causes.push(cause),
  );

  outbox.send(Buffer.from('one'));
  await Promise.resolve();
  await Promise.resolve();
  expect(outbox.refused).toBe(0);
  expect(causes).toEqual(['sctpsendbufferfull']);
});

test('each message that finds no room among those that wait, or waits when the channel is closed, is told as dropped', async () => {
  const full = new Full();
  const causes: string[] = [];
  const outbox = new Outbox(
    full as unknown as DataConsumer,
    () => true,
    cause => causes.push(cause),
  );

  outbox.send(Buffer.from('one'));
  await until(full, 'offered', () => outbox.refused > 0);

  for (let messages = 0; messages < 16; messages++) {
    outbox.send(Buffer.from('more'));
  }

  expect(causes).toEqual(['too many wait already']);
  outbox.close();
  expect(causes.slice(1)).toEqual(Array(16).fill('the channel is closed'));
});
