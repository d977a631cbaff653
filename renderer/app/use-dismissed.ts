import { useCallback, useState } from 'react';
import { dismissalOf } from './notices.ts';
import type { Health } from './use-health.ts';

const storageKey = 'relevo.dismissed-notices';

function remembered(): ReadonlySet<string> {
  const kept = localStorage.getItem(storageKey);
  return new Set(kept ? [kept] : []);
}

/** Notices that somebody has read. That the disk is low is told again after the next start; that the queue was made anew, only once. */
export function useDismissed(): { dismissed: ReadonlySet<string>; dismiss: (name: 'disk-low' | 'queue-replaced', health: Health) => void } {
  const [dismissed, setDismissed] = useState(remembered);
  const dismiss = useCallback((name: 'disk-low' | 'queue-replaced', health: Health) => {
    const dismissal = dismissalOf(name, health);
    // A moment and no more: nothing that says whose or what.
    if (name === 'queue-replaced') localStorage.setItem(storageKey, dismissal);
    setDismissed((before) => new Set([...before, dismissal]));
  }, []);
  return { dismissed, dismiss };
}
