import { useCallback, useEffect } from 'react';
import { useClient } from '../client/client-context.tsx';
import { takeAccount } from '../client/relevo-client.ts';
import { useStore } from '../client/store.ts';

/** A way to lock the window now, by Ctrl+L (Cmd+L) too, and how that key is written on this computer. */
export function useLock(): { lock: () => void; key: string } {
  const client = useClient();
  const isMac = useStore(client.appInfo)?.platform === 'darwin';
  const lock = useCallback(() => {
    // Refused only where nobody is signed in, or by an engine that is being started again: then the button is still there.
    client.call.lock().then((account) => takeAccount(client, account), () => undefined);
  }, [client]);
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      const isCommand = isMac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
      if (!isCommand || event.altKey || event.shiftKey || event.repeat || event.key.toLowerCase() !== 'l') return;
      event.preventDefault();
      lock();
    }
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [lock, isMac]);
  return { lock, key: isMac ? '⌘L' : 'Ctrl+L' };
}
