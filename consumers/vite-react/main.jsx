import { enableHeartbeat } from '@mediasoup-heartbeat/client';
import { Device } from 'mediasoup-client';
import { useSyncExternalStore } from 'react';
import { createRoot } from 'react-dom/client';

const heartbeats = enableHeartbeat(await Device.factory());

function Badge() {
  const { state } = useSyncExternalStore(heartbeats.subscribe, heartbeats.getSnapshot);

  return <p>{state}</p>;
}

createRoot(document.getElementById('root')).render(<Badge />);
