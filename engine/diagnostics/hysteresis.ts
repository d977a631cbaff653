import type { Diagnosis, DiagnosisChange, DiagnosisCode } from '../../shared/domain/diagnosis.ts';

const runsToShow = 3;
const msToShow = 10_000;
const goodRunsToClear = 2;

/** What is shown, and what is being waited for. Kept by the monitor; changed by `settle` alone. */
export interface Shown {
  /** Absent until the first run that is good, or has settled. */
  diagnosis: Diagnosis | undefined;
  candidate: { code: DiagnosisCode; runs: number; firstAt: number; firstMonotonic: number } | undefined;
  /** Good runs in a row while something else is shown. */
  goodRuns: number;
}

export interface SettledRun {
  diagnosis: Diagnosis;
  /** Milliseconds that only grow. */
  monotonic: number;
  /** A person is waiting for this very answer: it explains why their upload failed, or they asked for the check. */
  atOnce: boolean;
}

export const nothingShown: Shown = { diagnosis: undefined, candidate: undefined, goodRuns: 0 };

/**
 * Lets one run's finding through to the screen only when it holds: three equal runs and ten seconds, so that a single
 * lost packet alarms nobody; two good runs clear it. What a person waits for shows at once, the good news too.
 *
 * @returns the next state, and the change for the timeline if what is shown has changed.
 */
export function settle(shown: Shown, run: SettledRun): { shown: Shown; change: DiagnosisChange | undefined } {
  const { diagnosis, monotonic } = run;
  if (diagnosis.code === shown.diagnosis?.code) {
    // The same goes on: newer evidence, the old beginning.
    return { shown: { diagnosis: { ...diagnosis, since: shown.diagnosis.since }, candidate: undefined, goodRuns: 0 }, change: undefined };
  }
  if (diagnosis.code === 'HEALTHY') {
    const goodRuns = shown.goodRuns + 1;
    if (shown.diagnosis === undefined || run.atOnce || goodRuns >= goodRunsToClear) return replace(shown, diagnosis, diagnosis.since);
    return { shown: { ...shown, candidate: undefined, goodRuns }, change: undefined };
  }
  const candidate = shown.candidate?.code === diagnosis.code
    ? { ...shown.candidate, runs: shown.candidate.runs + 1 }
    : { code: diagnosis.code, runs: 1, firstAt: diagnosis.since, firstMonotonic: monotonic };
  const holds = candidate.runs >= runsToShow && monotonic - candidate.firstMonotonic >= msToShow;
  if (holds || run.atOnce) return replace(shown, diagnosis, candidate.firstAt);
  return { shown: { ...shown, candidate, goodRuns: 0 }, change: undefined };
}

function replace(shown: Shown, diagnosis: Diagnosis, since: number): { shown: Shown; change: DiagnosisChange | undefined } {
  const from = shown.diagnosis?.code;
  return {
    shown: { diagnosis: { ...diagnosis, since }, candidate: undefined, goodRuns: 0 },
    // The first good run after a start is not news.
    change: from === undefined && diagnosis.code === 'HEALTHY' ? undefined : { at: diagnosis.since, ...(from ? { from } : {}), to: diagnosis.code },
  };
}
