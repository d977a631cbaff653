import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import type { AccountState } from '../../shared/domain/account.ts';
import type { QueueSummary, RelevoClient } from './relevo-client.ts';
import { useStore } from './store.ts';

const ClientContext = createContext<RelevoClient | undefined>(undefined);

export function ClientProvider({ client, children }: { client: RelevoClient; children: ReactNode }) {
  return <ClientContext value={client}>{children}</ClientContext>;
}

export function useClient(): RelevoClient {
  const client = useContext(ClientContext);
  if (!client) throw new Error('useClient needs a ClientProvider above it');
  return client;
}

export function useAccount(): AccountState | undefined {
  return useStore(useClient().account);
}

export function useQueueSummary(): QueueSummary | undefined {
  return useStore(useClient().queue);
}

/** The time, renewed so that "in two minutes" does not go stale. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
