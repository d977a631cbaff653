import { useCallback, useEffect, useRef, useState } from 'react';
import type { Patient, PresentPhoto } from '../../../shared/domain/account.ts';
import { useClient } from '../../client/client-context.tsx';
import type { Intake } from './intake.ts';
import { questionFor, type ReplaceQuestion } from './replacing.ts';

/** An answer that comes at once must not make a dialog flash. */
const quietMs = 180;

export interface Replacing {
  patient: Patient;
  intake: Intake;
  /** Absent while it is being fetched. */
  found: { present: PresentPhoto; question: ReplaceQuestion } | undefined;
}

interface UseReplacing {
  /** What is being asked now. */
  asked: Replacing | undefined;
  /** Hands the photos on at once where they replace nothing, otherwise asks first. While something is asked, nothing else is taken. */
  ask: (patient: Patient, intake: Intake, addedBefore: number) => void;
  answer: (replace: boolean) => void;
}

export function useReplacing(add: (patient: Patient, intake: Intake) => void): UseReplacing {
  const client = useClient();
  const [asked, setAsked] = useState<Replacing>();
  /** Which question is open; an answer that belongs to another one comes too late. */
  const open = useRef<symbol>(undefined);
  useEffect(() => () => { open.current = undefined; }, []);

  const ask = useCallback((patient: Patient, intake: Intake, addedBefore: number) => {
    if (open.current) return;
    const turn = Symbol('question');
    open.current = turn;
    const timer = setTimeout(() => { if (open.current === turn) setAsked({ patient, intake, found: undefined }); }, quietMs);
    void client.call.getPresentPhoto({ patientId: patient.id }).catch((): PresentPhoto => ({ name: 'unknown' })).then((present) => {
      clearTimeout(timer);
      if (open.current !== turn) return;
      const question = questionFor(present, intake, addedBefore);
      if (question) {
        setAsked({ patient, intake, found: { present, question } });
        return;
      }
      open.current = undefined;
      setAsked(undefined);
      add(patient, intake);
    });
  }, [client, add]);

  const answer = useCallback((replace: boolean) => {
    open.current = undefined;
    setAsked(undefined);
    if (replace && asked) add(asked.patient, asked.intake);
  }, [asked, add]);

  return { asked, ask, answer };
}
