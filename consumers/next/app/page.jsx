'use client';

import { enableHeartbeat } from '@mediasoup-heartbeat/client';
import { useConnectionQuality, useConnectionState } from '@mediasoup-heartbeat/react';
import { useEffect, useState } from 'react';

// Prerendered on the server, where there is no window.
export default function Page() {
  const [heartbeats, setHeartbeats] = useState();
  const state = useConnectionState(heartbeats);
  const { downlink } = useConnectionQuality(heartbeats);

  useEffect(() => {
    let enabled;

    import('mediasoup-client').then(async ({ Device }) => {
      enabled = enableHeartbeat(await Device.factory());
      setHeartbeats(enabled);
    });

    return () => enabled?.close();
  }, []);

  return (
    <p>
      {state}, {downlink.rating}
    </p>
  );
}
