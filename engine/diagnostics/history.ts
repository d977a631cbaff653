import type { Statement } from 'better-sqlite3';
import { z } from 'zod';
import {
  diagnosisChangeSchema, measuredTargetSchema, probeResultSchema,
  type DiagnosisChange, type LatencySeries, type MeasuredTarget, type PhaseDurations, type ProbeResult,
} from '../../shared/domain/diagnosis.ts';
import { failureSchema } from '../../shared/domain/failure.ts';
import type { Database } from '../queue/database.ts';
import type { PhaseComparison, UploadAttempt } from './facts.ts';
import { percentile } from './percentile.ts';
import type { KnownFacts } from './run.ts';

const kept = { results: 500, changes: 200, attempts: 200, drops: 100 };
const hourMs = 60 * 60_000;
const phases = ['dns', 'tcp', 'tls', 'firstByte'] as const;
/** The median of late: of this many answers. */
const recentAnswers = 10;
const leastRecentAnswers = 5;
/** Before this many answers there is no baseline to compare with. */
const baselineAnswers = 10;

const attemptSchema = z.object({
  uploadId: z.string(), try: z.number(), at: z.number(), durationMs: z.number(), bytes: z.number(), outcome: z.enum(['ok', 'failed']),
  failure: failureSchema.optional(), hop: z.enum(['client', 'proxy', 'gateway', 'media', 'spaces']).optional(), oversize: z.boolean().optional(), gaveUp: z.boolean().optional(),
});

/** What probes and real uploads have met, in the encrypted database. Synchronous; rows that do not parse are passed over. */
export class DiagnosisHistory {
  readonly #database: Database;
  readonly #statements = new Map<string, Statement>();

  /** @param database with the tables of `history-migrations.ts`. */
  constructor(database: Database) {
    this.#database = database;
  }

  /** Keeps the newest 500: every answer of the targets, and whatever failed. */
  recordProbes(probes: readonly ProbeResult[]): void {
    this.#database.transaction(() => {
      for (const probe of probes) {
        const worthKeeping = probe.status === 'error' || (probe.status === 'ran' && (probe.kind === 'http' || probe.outcome === 'failed'));
        if (!worthKeeping) continue;
        this.#run('INSERT INTO diagnosis_results (at, target, kind, result) VALUES (?, ?, ?, ?)', probe.at.wall, probe.target, probe.kind, JSON.stringify(probe));
        if (probe.status === 'ran' && probe.kind === 'http' && probe.outcome === 'ok') this.#learn(probe.target, probe.phases, probe.at.wall);
      }
      this.#trim('diagnosis_results', kept.results);
    })();
  }

  recordAttempt(attempt: UploadAttempt): void {
    this.#database.transaction(() => {
      this.#run('INSERT INTO diagnosis_attempts (at, attempt) VALUES (?, ?)', Math.round(attempt.at), JSON.stringify(attemptSchema.parse(attempt)));
      this.#trim('diagnosis_attempts', kept.attempts);
      if (attempt.outcome === 'ok') for (const target of ['gateway', 'media', 'spaces']) this.#lastOk(target, attempt.at);
    })();
  }

  /** A connection that was in use has been dropped. */
  recordDrop(at: number): void {
    this.#run('INSERT INTO diagnosis_drops (at) VALUES (?)', Math.round(at));
    this.#trim('diagnosis_drops', kept.drops);
  }

  recordChange(change: DiagnosisChange): void {
    this.#run('INSERT INTO diagnosis_changes (at, change) VALUES (?, ?)', change.at, JSON.stringify(change));
    this.#trim('diagnosis_changes', kept.changes);
  }

  /** Oldest first. */
  attempts(): UploadAttempt[] {
    return this.#parsed('SELECT attempt AS json FROM diagnosis_attempts ORDER BY id', attemptSchema);
  }

  /** Newest first. */
  changes(): DiagnosisChange[] {
    return this.#parsed('SELECT change AS json FROM diagnosis_changes ORDER BY id DESC', diagnosisChangeSchema);
  }

  /** Newest first. */
  results(): ProbeResult[] {
    return this.#parsed('SELECT result AS json FROM diagnosis_results ORDER BY id DESC', probeResultSchema);
  }

  /** What the rules want to know of the past. @param at now, in milliseconds since the epoch. */
  known(at: number): Required<KnownFacts> {
    return {
      attempts: this.attempts(),
      drops: (this.#all('SELECT at FROM diagnosis_drops WHERE at > ? ORDER BY at', at - hourMs) as { at: number }[]).map((row) => row.at),
      changes: this.changes().map((change) => change.at),
      comparisons: this.comparisons(at),
      spacesReachedBefore: this.#all("SELECT at FROM diagnosis_last_ok WHERE target = 'spaces'").length > 0,
    };
  }

  latency(at: number): LatencySeries[] {
    const rows = this.#parsed('SELECT result AS json FROM diagnosis_results WHERE kind = \'http\' AND at > ? ORDER BY at, id', probeResultSchema, at - hourMs);
    return measuredTargetSchema.options.map((target) => {
      const own = rows.filter((row) => row.status === 'ran' && row.target === target);
      const points = own.map((row) => ({ at: row.at.wall, ...(row.status === 'ran' && row.outcome === 'ok' && row.phases ? { ms: row.phases.total } : {}) }));
      const answered = points.flatMap((point) => (point.ms === undefined ? [] : [point.ms])).toSorted((one, other) => one - other);
      const last = own.findLast((row) => row.status === 'ran' && row.outcome === 'ok');
      const lastOkAt = (this.#all('SELECT at FROM diagnosis_last_ok WHERE target = ?', target)[0] as { at: number } | undefined)?.at;
      return {
        target, points,
        ...(answered.length > 0 ? { p50Ms: percentile(answered, 0.5), p95Ms: percentile(answered, 0.95) } : {}),
        ...(lastOkAt === undefined ? {} : { lastOkAt }), ...(last?.status === 'ran' && last.phases ? { lastPhases: last.phases } : {}),
      };
    });
  }

  /** Each phase's median of the last answers beside its baseline, where there are enough of both. */
  comparisons(at: number): PhaseComparison[] {
    const rows = this.#parsed('SELECT result AS json FROM diagnosis_results WHERE kind = \'http\' AND at > ? ORDER BY at, id', probeResultSchema, at - hourMs);
    const baselines = this.#all('SELECT target, phase, ms FROM diagnosis_baselines WHERE samples >= ?', baselineAnswers) as { target: string; phase: string; ms: number }[];
    return measuredTargetSchema.options.flatMap((target) => {
      const recent = rows.flatMap((row) => (row.status === 'ran' && row.target === target && row.outcome === 'ok' && row.phases ? [row.phases] : [])).slice(-recentAnswers);
      return phases.flatMap((phase): PhaseComparison[] => {
        const values = recent.flatMap((one) => (one[phase] === undefined ? [] : [one[phase]])).toSorted((one, other) => one - other);
        const baseline = baselines.find((row) => row.target === target && row.phase === phase);
        return baseline && values.length >= leastRecentAnswers ? [{ target, phase, p50Ms: percentile(values, 0.5), baselineMs: baseline.ms }] : [];
      });
    });
  }

  /**
   * The baseline is a median that moves: half a hundredth towards each answer. One that is far above it moves it only a
   * tenth as much, so that a slow afternoon does not become the new usual, and a slower line does within days.
   */
  #learn(target: string, answered: PhaseDurations | undefined, at: number): void {
    const measured = measuredTargetSchema.safeParse(target);
    if (!measured.success) return;
    this.#lastOk(measured.data, at);
    for (const phase of phases) {
      const ms = answered?.[phase];
      if (ms === undefined) continue;
      const row = this.#all('SELECT ms, samples FROM diagnosis_baselines WHERE target = ? AND phase = ?', target, phase)[0] as { ms: number; samples: number } | undefined;
      const samples = row?.samples ?? 0;
      const now = row?.ms ?? 0;
      const step = now * (ms > 3 * now ? 0.0005 : 0.005);
      const next = samples < baselineAnswers ? (now * samples + ms) / (samples + 1) : now + Math.sign(ms - now) * step;
      this.#run('INSERT INTO diagnosis_baselines VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET ms = excluded.ms, samples = samples + 1', target, phase, next);
    }
  }

  #lastOk(target: MeasuredTarget | string, at: number): void {
    this.#run('INSERT INTO diagnosis_last_ok VALUES (?, ?) ON CONFLICT DO UPDATE SET at = max(at, excluded.at)', target, Math.round(at));
  }

  #trim(table: 'diagnosis_results' | 'diagnosis_changes' | 'diagnosis_attempts' | 'diagnosis_drops', keep: number): void {
    this.#run(`DELETE FROM ${table} WHERE id <= (SELECT max(id) FROM ${table}) - ?`, keep);
  }

  #parsed<T>(sql: string, schema: z.ZodType<T>, ...values: unknown[]): T[] {
    return (this.#all(sql, ...values) as { json: string }[]).flatMap((row) => {
      const parsed = schema.safeParse(safeJson(row.json));
      return parsed.success ? [parsed.data] : [];
    });
  }

  #run(sql: string, ...values: unknown[]): void {
    this.#prepared(sql).run(...values);
  }

  #all(sql: string, ...values: unknown[]): unknown[] {
    return this.#prepared(sql).all(...values);
  }

  #prepared(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
