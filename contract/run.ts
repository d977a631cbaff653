import { AnswerError } from '../engine/transport/answer-error.ts';
import { SessionExpired } from '../engine/transport/gateway-client.ts';
import { HttpError, type HttpErrorReason } from '../engine/transport/http.ts';
import { IntegrityMismatch } from '../engine/transport/transport.ts';
import { checks } from './checks/all.ts';
import { Broken, NotRun, type Check, type NotRunReason, type Outcome, type Restored, type Result } from './check.ts';
import { PhotoBench } from './photo-bench.ts';
import type { ContractRecord } from './recorder.ts';
import { Stage, type StageOptions } from './stage.ts';

export interface RunOptions extends StageOptions {
  /** Whose photo may be replaced and deleted. Absent: nothing is written. */
  patientId?: string;
  /** Where a copy of that patient's photo lies while the run lasts. */
  copies: string;
  /** Aborted: no further check begins, and the photo is put back. */
  signal: AbortSignal;
  /** Told when a request whose outcome is not known has to be waited for. */
  onSettling(): void;
}

export interface ContractReport {
  outcomes: Outcome[];
  restored: Restored;
  record: ContractRecord;
}

/** Reasons for which asking on would only make a person wait. */
const outOfReach: ReadonlySet<HttpErrorReason> = new Set(['offline', 'dns', 'refused', 'unreachable', 'connect-timeout', 'certificate-expired', 'certificate-untrusted', 'tls']);

/** Asks a backend for everything that contract A promises. A check that is broken does not keep the others from being asked. */
export async function runContract(options: RunOptions): Promise<ContractReport> {
  const { signal, patientId } = options;
  const stage = new Stage(options);
  const outcomes: Outcome[] = [];
  const settle = async (): Promise<void> => stage.bench?.settle(options.onSettling);
  let stopped: NotRunReason | undefined;
  let noWrites: NotRunReason | undefined = patientId === undefined ? 'needs-patient' : undefined;
  let restored: Restored = { name: 'untouched' };
  try {
    for (const check of checks) {
      if (signal.aborted) stopped ??= 'interrupted';
      if (check.kind === 'writes' && !stopped && !noWrites && !stage.bench && patientId !== undefined) noWrites = await prepare(stage, patientId, options.copies);
      const reason = stopped ?? (check.kind === 'writes' ? noWrites : undefined);
      stage.http.record(check.id);
      const { result, unreachable } = reason === undefined ? await ask(check, stage) : { result: { name: 'not-run', reason } satisfies Result, unreachable: false };
      stage.http.record(undefined);
      await settle();
      outcomes.push({ check, result });
      // Where not even the first is answered, none will be.
      if (unreachable && outcomes.length === 1) stopped = 'unreachable';
    }
  } finally {
    // Whatever happened: it is somebody's photo.
    if (stage.bench) restored = await stage.bench.restore(options.onSettling);
  }
  const recorded = outcomes.map(({ check, result }) => [check.id, { outcome: result.name, exchanges: stage.http.exchanges(check.id) }] as const);
  const record: ContractRecord = { schema_version: 1, contract: 'heartguard', checks: Object.fromEntries(recorded.sort(([one], [other]) => (one < other ? -1 : 1))) };
  return { outcomes: outcomes.map(({ check, result }) => ({ check, result: result.name === 'broken' ? { ...result, seen: stage.withheld.sentence(result.seen) } : result })), restored, record };
}

/** @returns why nothing may be written */
async function prepare(stage: Stage, patientId: string, copies: string): Promise<NotRunReason | undefined> {
  try {
    stage.bench = await PhotoBench.prepare(stage, patientId, copies);
    return undefined;
  } catch (error) {
    if (error instanceof NotRun) return error.reason;
    throw error;
  }
}

async function ask(check: Check, stage: Stage): Promise<{ result: Result; unreachable: boolean }> {
  try {
    await check.run(stage);
    return { result: { name: 'kept' }, unreachable: false };
  } catch (error) {
    return { result: resultOf(error, stage), unreachable: error instanceof HttpError && outOfReach.has(error.reason) };
  }
}

function resultOf(error: unknown, stage: Stage): Result {
  const broken = (wanted: string, seen: string): Result => ({ name: 'broken', wanted, seen });
  if (error instanceof NotRun) return { name: 'not-run', reason: error.reason };
  if (error instanceof Broken) return broken(error.wanted, error.seen);
  if (error instanceof AnswerError) return broken('2xx', `${error.endpoint}: ${error.status} ${stage.withheld.word(error.code)}`);
  if (error instanceof HttpError) return broken('2xx', `${error.endpoint}: ${error.reason}${error.errno === undefined ? '' : ` (${error.errno})`}`);
  if (error instanceof SessionExpired) return broken('2xx', '401 at /auth/refresh');
  if (error instanceof IntegrityMismatch) return broken('stored = sent', `stored ${error.what}: another`);
  return broken('2xx', error instanceof Error ? error.name : typeof error);
}
