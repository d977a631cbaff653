import { useEffect } from 'react';
import { useClient } from './client-context.tsx';
import { useStore } from './store.ts';

/** A row that only flies by while scrolling asks for nothing. */
const settleMs = 90;

/** Whether a patient is no longer on the list of whoever is signed in. */
export function useMissing(patientId: string): boolean {
  const { missing } = useClient();
  const known = useStore(missing.store);
  useEffect(() => {
    const timer = setTimeout(() => missing.look(patientId), settleMs);
    return () => clearTimeout(timer);
  }, [missing, patientId]);
  return known.has(patientId);
}
