'use client';

import { enableHeartbeat } from '@mediasoup-heartbeat/client';
import { useEffect, useState } from 'react';

// Prerendered on the server, where there is no window.
export default function Page() {
  const [state, setState] = useState('pending');

  useEffect(() => {
    let heartbeats;

    import('mediasoup-client').then(async ({ Device }) => {
      heartbeats = enableHeartbeat(await Device.factory());
      heartbeats.on('statechange', change => setState(change.state));
    });

    return () => heartbeats?.close();
  }, []);

  return <p>{state}</p>;
}
