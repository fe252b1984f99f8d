import { enableHeartbeat } from '@mediasoup-heartbeat/client';
import { useConnectionQuality, useConnectionState, useTransportHeartbeats } from '@mediasoup-heartbeat/react';
import { Device } from 'mediasoup-client';
import { createRoot } from 'react-dom/client';

const heartbeats = enableHeartbeat(await Device.factory());

function Badge() {
  const state = useConnectionState(heartbeats);
  const { downlink } = useConnectionQuality(heartbeats);

  return (
    <p>
      {state}, {downlink.rating}, {useTransportHeartbeats(heartbeats).length} transports
    </p>
  );
}

createRoot(document.getElementById('root')).render(<Badge />);
