import type { Diagnosis } from '../../shared/domain/diagnosis.ts';

/** As `relevo doctor` exits; 1 and 2 are for a crash and wrong usage. */
export type DoctorExitCode = 0 | 3 | 4 | 5;

/** 0 healthy (information included), 3 failing, 4 degraded, 5 inconclusive. */
export function exitCodeOf(diagnosis: Pick<Diagnosis, 'code' | 'severity'>): DoctorExitCode {
  if (diagnosis.code === 'INCONCLUSIVE') return 5;
  switch (diagnosis.severity) {
    case 'fail': return 3;
    case 'warn': return 4;
    case 'info':
    case 'ok': return 0;
  }
}
