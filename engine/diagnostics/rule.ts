import type { DiagnosisCode, Evidence, ProbeKind, Severity } from '../../shared/domain/diagnosis.ts';
import type { View } from './view.ts';

export interface Match {
  evidence: Evidence[];
  /** `certain` unless said. */
  certainty?: 'probable';
  /** Where it differs from the code's usual one. */
  severity?: Severity;
  params?: { n?: number };
}

/** One line of the table of diagnoses. Rules are asked in the order of their numbers; the first that matches wins. */
export interface Rule {
  number: number;
  code: DiagnosisCode;
  /**
   * The probes that it looks at: no diagnosis is certain while one is under way that an earlier rule looks at, and a
   * check for one code alone need not run the rest.
   */
  needs: readonly ProbeKind[];
  match(view: View): Match | undefined;
}
