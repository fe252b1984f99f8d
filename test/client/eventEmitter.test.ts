import { EventEmitter } from '@mediasoup-heartbeat/client';
import { expect, test, vi } from 'vitest';

type Events = { ping: [number] };

test('the event emitter keeps a permanent listener that was also added for one event', () => {
  const emitter = new EventEmitter<Events>();
  const listener = vi.fn();

  emitter.once('ping', listener);
  emitter.on('ping', listener);
  emitter.emit('ping', 1);
  expect(listener.mock.calls).toEqual([[1], [1]]);
  emitter.emit('ping', 2);
  emitter.emit('ping', 3);
  expect(listener.mock.calls).toEqual([[1], [1], [2], [3]]);
});

test('the event emitter removes the latest of two equal listeners first', () => {
  const emitter = new EventEmitter<Events>();
  const listener = vi.fn();

  emitter.on('ping', listener);
  emitter.once('ping', listener);
  emitter.off('ping', listener);
  emitter.emit('ping', 1);
  emitter.emit('ping', 2);
  expect(listener.mock.calls).toEqual([[1], [2]]);
  emitter.off('ping', listener);
  expect(emitter.emit('ping', 3)).toBe(false);
});
