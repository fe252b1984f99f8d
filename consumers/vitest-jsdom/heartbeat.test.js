import { enableHeartbeat } from '@mediasoup-heartbeat/client';
import { decodeFrame, encodeFrame } from '@mediasoup-heartbeat/protocol';
import { expect, test } from 'vitest';

test('the client is loaded and checks its arguments', () => {
  expect(typeof window).toBe('object');
  expect(() => enableHeartbeat({})).toThrow(TypeError);
});

test('the codec works', () => {
  const frame = { type: 'goodbye', cause: 2 };

  expect(decodeFrame(encodeFrame(frame, 1), 1)).toEqual(frame);
});
