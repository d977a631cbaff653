import { useCallback, useEffect, useState } from 'react';
import type { Patient } from '../../../shared/domain/account.ts';
import type { Output } from '../../../shared/rpc/contract.ts';
import type { EngineContract } from '../../../shared/engine-contract.ts';
import { useClient } from '../../client/client-context.tsx';

type Found = Output<EngineContract, 'searchPatients'>;

/** Rows are virtual, but nobody reads beyond this many: they type another letter. */
const limit = 1000;
/** The engine refreshes its list in the background; this is when we look whether it has. */
const firstLooksMs = [800, 2500, 6000];

export interface PatientSearch {
  patients: readonly Patient[];
  /** How many match, shown or not. */
  total: number;
  fetchedAt: number | undefined;
  /** Nothing has been answered yet. */
  loading: boolean;
  refreshing: boolean;
  refresh: () => void;
}

/** Searches the engine's list as somebody types. */
export function usePatients(text: string): PatientSearch {
  const client = useClient();
  const [found, setFound] = useState<Found>();
  const [refreshing, setRefreshing] = useState(false);
  const isEmpty = found !== undefined && found.total === 0 && text === '';

  useEffect(() => {
    let outdated = false;
    const search = (): void => {
      client.call.searchPatients({ text, limit }).then((answer) => { if (!outdated) setFound(answer); }, () => undefined);
    };
    search();
    const stop = client.engine.subscribe(() => { if (client.engine.get() === 'running') search(); });
    return () => {
      outdated = true;
      stop();
    };
  }, [client, text]);

  // Right after the first sign-in the list is still on its way.
  useEffect(() => {
    if (!isEmpty) return undefined;
    const looks = firstLooksMs.map((ms) => setTimeout(() => {
      client.call.searchPatients({ text: '', limit }).then(setFound, () => undefined);
    }, ms));
    return () => looks.forEach((look) => clearTimeout(look));
  }, [client, isEmpty]);

  const refresh = useCallback(() => {
    setRefreshing(true);
    client.call.searchPatients({ text, limit, refresh: true })
      .then(setFound, () => undefined)
      .finally(() => setRefreshing(false));
  }, [client, text]);

  return { patients: found?.patients ?? [], total: found?.total ?? 0, fetchedAt: found?.fetchedAt, loading: found === undefined, refreshing, refresh };
}
