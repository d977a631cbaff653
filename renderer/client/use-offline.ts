import { useSyncExternalStore } from 'react';
import { useClient } from './client-context.tsx';
import { useStore } from './store.ts';

function subscribe(listener: () => void): () => void {
  window.addEventListener('online', listener);
  window.addEventListener('offline', listener);
  return () => {
    window.removeEventListener('online', listener);
    window.removeEventListener('offline', listener);
  };
}

/** Whether the server is known to be out of reach: by the system, by the diagnosis, or by a photo that waits for it. */
export function useOffline(): boolean {
  const client = useClient();
  const connected = useSyncExternalStore(subscribe, () => navigator.onLine);
  const diagnosis = useStore(client.connection)?.diagnosis;
  const waitingFor = useStore(client.waitingFor);
  return !connected || diagnosis?.code === 'CLIENT_OFFLINE' || (waitingFor?.name === 'blocked' && waitingFor.by === 'offline');
}
