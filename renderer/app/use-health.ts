import { useEffect, useState } from 'react';
import type { Status } from '../../shared/engine-contract.ts';
import { useClient } from '../client/client-context.tsx';
import { useStore } from '../client/store.ts';

export type Health = Pick<Status, 'disk' | 'queueReplacedAt'>;

/** A disk fills slowly, and nothing announces it. */
const lookEveryMs = 60_000;

/** What the engine knows of this computer that a person should know too. */
export function useHealth(): Health {
  const client = useClient();
  const engine = useStore(client.engine);
  const [health, setHealth] = useState<Health>({});
  useEffect(() => {
    if (engine !== 'running') return undefined;
    let outdated = false;
    const look = (): void => {
      client.call.getStatus().then(({ disk, queueReplacedAt }) => { if (!outdated) setHealth({ disk, queueReplacedAt }); }, () => undefined);
    };
    look();
    const timer = setInterval(look, lookEveryMs);
    return () => {
      outdated = true;
      clearInterval(timer);
    };
  }, [client, engine]);
  return health;
}
