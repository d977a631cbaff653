import { randomUUID } from 'node:crypto';
import type { DiagnosisCode, DoctorReport, RunProgress } from '../../shared/domain/diagnosis.ts';
import type { DiagnosticEnvironment } from './environment.ts';
import { exitCodeOf, type DoctorExitCode } from './exit-code.ts';
import { runChecks, type KnownFacts } from './run.ts';

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
