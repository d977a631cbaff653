import { useEffect } from 'react';
import { useClient } from '../client/client-context.tsx';

/** The lock counts minutes: telling more often would only make noise. */
const tellEveryMs = 20_000;

const signs = ['pointerdown', 'pointermove', 'wheel', 'keydown'] as const;

/** Tells the engine that somebody is using the window, which puts off its locking. */
export function useActivity(): void {
  const client = useClient();
  useEffect(() => {
    let quiet: ReturnType<typeof setTimeout> | undefined;
    let usedMeanwhile = false;
    const tell = (): void => {
      usedMeanwhile = false;
      client.call.noteActivity().catch(() => undefined);
      // What is done in between counts too, so it is told at the end of it.
      quiet = setTimeout(() => {
        quiet = undefined;
        if (usedMeanwhile) tell();
      }, tellEveryMs);
    };
    const note = (): void => {
      if (quiet === undefined) tell();
      else usedMeanwhile = true;
    };
    for (const sign of signs) document.addEventListener(sign, note, { capture: true, passive: true });
    return () => {
      for (const sign of signs) document.removeEventListener(sign, note, { capture: true });
      clearTimeout(quiet);
    };
  }, [client]);
}
