const assert = require('node:assert/strict');
const { decodeFrame, encodeFrame } = require('@mediasoup-heartbeat/protocol');
const { attachHeartbeat } = require('@mediasoup-heartbeat/server');
const { enableHeartbeat } = require('@mediasoup-heartbeat/client');

const frame = { type: 'goodbye', cause: 1 };

assert.deepEqual(decodeFrame(encodeFrame(frame, 1), 1), frame);
assert.equal(typeof attachHeartbeat, 'function');
assert.throws(() => enableHeartbeat({}), TypeError);
