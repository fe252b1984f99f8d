// The oldest React that the hooks support, on a server: as an ES module and as CommonJS.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { useConnectionQuality, useConnectionState, useHeartbeatStats } from '@mediasoup-heartbeat/react';
import { createElement, version } from 'react';
import { renderToString } from 'react-dom/server';

const hooks = createRequire(import.meta.url)('@mediasoup-heartbeat/react');

function Badge({ heartbeat }) {
  const { downlink } = useConnectionQuality(heartbeat);

  return createElement(
    'p',
    null,
    useConnectionState(heartbeat),
    ' ',
    downlink.rating,
    useHeartbeatStats(heartbeat),
  );
}

function CommonJsBadge() {
  return createElement('p', null, hooks.useConnectionState(null));
}

assert.match(version, /^18\./);
assert.match(renderToString(createElement(Badge)), /pending.*unknown/);
assert.equal(renderToString(createElement(CommonJsBadge)), '<p>pending</p>');
