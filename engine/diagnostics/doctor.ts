import { randomUUID } from 'node:crypto';
import type { Diagnosis, DiagnosisCode, DoctorReport, RunProgress } from '../../shared/domain/diagnosis.ts';
import type { DiagnosticEnvironment } from './environment.ts';
import { runChecks, type KnownFacts } from './run.ts';

/** As `relevo doctor` exits; 1 and 2 are for a crash and wrong usage. */
export type DoctorExitCode = 0 | 3 | 4 | 5;

export interface DoctorOptions {
  /** Look for this one alone. */
  only?: DiagnosisCode;
  /** Send the test image where the backend offers a place for it. Default: yes, since somebody asked. */
  canary?: boolean;
  known?: KnownFacts;
  onProgress?: (progress: RunProgress) => void;
  signal?: AbortSignal;
}

/** A full check, at most 45 s. Never rejects. */
export async function runDoctor(environment: DiagnosticEnvironment, options: DoctorOptions = {}): Promise<{ report: DoctorReport; exitCode: DoctorExitCode }> {
  const { diagnosis, probes } = await runChecks(environment, { scope: 'full', canary: true, runId: randomUUID(), ...options });
  return { report: { schema_version: 1, diagnosis, probes }, exitCode: exitCodeOf(diagnosis) };
}

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
