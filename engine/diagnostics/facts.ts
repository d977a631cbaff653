import type { ContractName } from '../../shared/domain/account.ts';
import type { Hop, MeasuredTarget, ProbeResult } from '../../shared/domain/diagnosis.ts';
import type { Failure } from '../../shared/domain/failure.ts';

/** How one real try to send a photo ended: the best probe there is. Holds nothing of the patient. */
export interface UploadAttempt {
  /** The queue's own id. */
  uploadId: string;
  /** 1 for the first. */
  try: number;
  /** When it ended, in milliseconds since the epoch. */
  at: number;
  durationMs: number;
  /** Bytes that it sent. */
  bytes: number;
  /** `ok`: the photo is stored and verified. */
  outcome: 'ok' | 'failed';
  failure?: Failure;
  /** It failed within a try that then went on and worked: worth knowing, and no reason to look for what is wrong now. */
  madeGood?: true;
  /** Who answered, where known; otherwise judged from the failure. */
  hop?: Hop;
  /** The body was larger than the limit that the backend states. */
  oversize?: boolean;
  /** It was we who stopped waiting. */
  gaveUp?: boolean;
}

/** A phase's median of late, and what it used to be. */
export interface PhaseComparison {
  target: MeasuredTarget;
  phase: 'dns' | 'tcp' | 'tls' | 'firstByte';
  p50Ms: number;
  baselineMs: number;
}

/** All that the rules may look at. Gathering it is `run.ts` and `monitor.ts`; nothing here asks anything of anyone. */
export interface Facts {
  /** Now, in milliseconds since the epoch. */
  at: number;
  contract: ContractName | undefined;
  probes: readonly ProbeResult[];
  /** Oldest first; the last twenty uploads at least, where there were as many. */
  attempts: readonly UploadAttempt[];
  /** When connections that were in use were dropped. */
  drops: readonly number[];
  /** When the shown diagnosis changed. */
  changes: readonly number[];
  comparisons: readonly PhaseComparison[];
  /** This computer has had an answer from Spaces at some earlier time. */
  spacesReachedBefore: boolean;
  /** Issuers that an administrator named; empty: any trusted one will do. */
  expectedIssuers: readonly string[];
  /** How long the server itself may take before it gives up, in milliseconds. */
  serverLimitMs: number;
  /** Below this much free space the disk counts as low, in bytes. */
  diskLowBytes: number;
}

/** The media service of contract A gives up on Spaces after this long: four tries of up to 40 s. */
export const mediaOwnLimitMs = 160_000;
const gibibyte = 1024 ** 3;

/** Facts of somebody who has just started: no history, and the usual limits. */
export function emptyFacts(at: number): Facts {
  return {
    at, contract: undefined, probes: [], attempts: [], drops: [], changes: [], comparisons: [],
    spacesReachedBefore: false, expectedIssuers: [], serverLimitMs: mediaOwnLimitMs, diskLowBytes: 2 * gibibyte,
  };
}
