import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { assertNever } from '../../shared/assert-never.ts';
import type { IngestOutcome } from '../../shared/domain/ingest.ts';
import type { Priority } from '../../shared/domain/upload.ts';
import { CallError } from '../../shared/rpc/call-error.ts';
import { formatBytes } from '../../shared/texts/format.ts';
import { rejectionText } from '../../shared/texts/rejections.ts';
import type { CommandContext } from '../context.ts';
import type { EngineSession } from '../engine-session.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import { printable } from '../io.ts';
import { notEmpty } from '../option-values.ts';
import { OrderedOutcomes, type GivenOutcome } from '../ordered-outcomes.ts';
import { askInView, isTerminal } from '../ask.ts';

export interface AddOptions { patient: string; note?: string; tag?: string[]; priority?: Priority; yes?: boolean }

/** The engine may run elsewhere, so it gets whole paths; people and scripts get them back as they wrote them. */
function asGiven(given: string, path: string, file: string): string {
  if (file === path) return given;
  return given.replace(/[\\/]+$/, '') + file.slice(path.endsWith(sep) ? path.length - 1 : path.length);
}

export async function add(context: CommandContext, given: readonly string[], options: AddOptions): Promise<number> {
  for (const path of given) notEmpty(context.texts, 'PATH', path);
  const paths = given.map((path) => resolve(path));
  const looked = paths.map((path) => ({ path, isFolder: isFolder(path) }));
  const ordered = new OrderedOutcomes(looked);
  const batchId = randomUUID();
  const bar = context.progress();
  const counts = { queued: 0, duplicate: 0, rejected: 0 };

  function tell({ outcome, given: place }: GivenOutcome): void {
    counts[outcome.outcome] += 1;
    const named = { ...outcome, file: asGiven(given[place]!, paths[place]!, outcome.file) };
    const message = messageOf(context, outcome);
    context.printJson('added', { ...named, ...(message === undefined ? {} : { message }) });
    bar.clear();
    context.print(lineFor(context, named, message));
  }

  await context.withEngine(async (engine) => {
    await mayReplace(context, engine, options, looked.length > 1 || looked.some((one) => one.isFolder));
    const stop = engine.on('ingest', (progress) => {
      if (progress.batchId !== batchId) return;
      for (const outcome of ordered.add(progress.outcomes)) tell(outcome);
      bar.show(progress.total === 0 ? 0 : progress.done / progress.total, context.texts.add.reading(progress.done, progress.total));
    });
    try {
      const { outcomes } = await engine.call.addFiles({
        batchId, paths, patientId: options.patient,
        ...(options.note === undefined ? {} : { note: options.note }),
        ...(options.tag === undefined ? {} : { tags: options.tag }),
        ...(options.priority === undefined ? {} : { priority: options.priority }),
      });
      stop();
      // Events may be left out for a slow reader; the answer has everything.
      for (const outcome of ordered.finish(outcomes)) tell(outcome);
    } catch (error) {
      if (error instanceof CallError && error.code === 'not-found' && error.detail === 'patient') throw new CommandFailure('not-found', context.texts.unknownPatient);
      throw error;
    } finally {
      stop();
      bar.clear();
    }
  });
  const { texts } = context;
  context.print(`\n${texts.add.summary(counts.queued, counts.duplicate, counts.rejected)}. ${counts.rejected === 0 ? texts.add.safe : texts.add.someNotTaken}`);
  return counts.rejected === 0 ? exitCodes.ok : exitCodes.someNeedAttention;
}

/**
 * Where the server keeps one photo of each patient, a person is asked before theirs is replaced. A script has decided already
 * (as has `--yes`); it is told on standard error, which is no part of the result.
 */
async function mayReplace(context: CommandContext, engine: EngineSession, { patient, yes }: AddOptions, several: boolean): Promise<void> {
  if ((await engine.call.getLimits())?.contract !== 'gateway-photo') return;
  const texts = context.texts.add;
  const present = await engine.call.getPresentPhoto({ patientId: patient });
  if (several) context.io.stderr.write(`${texts.onlyTheLast}\n`);
  if (present.name === 'none') return;
  const known = present.name === 'present';
  if (yes || context.json || !isTerminal(context)) {
    context.io.stderr.write(`${known ? texts.replaceTold : texts.mayReplaceTold}\n`);
    return;
  }
  const answer = await askInView(context, known ? texts.replaceAsk : texts.mayReplaceAsk);
  if (!texts.replaceYes.test(answer)) throw new CommandFailure('not-replaced', texts.keptAsItIs);
}

function messageOf(context: CommandContext, outcome: IngestOutcome): string | undefined {
  switch (outcome.outcome) {
    case 'queued': return undefined;
    case 'duplicate': return context.texts.add.duplicateMessage;
    case 'rejected': { const { what, next } = rejectionText(context.language, outcome); return `${what} ${next}`; }
    default: return assertNever(outcome);
  }
}

function lineFor(context: CommandContext, outcome: IngestOutcome, message: string | undefined): string {
  const file = printable(outcome.file);
  switch (outcome.outcome) {
    case 'queued': return `✓ ${file}  ${formatBytes(context.language, outcome.sizeBytes)}`;
    case 'duplicate': return `= ${file}  ${message}`;
    case 'rejected': return `✗ ${file}  ${message}`;
    default: return assertNever(outcome);
  }
}

/** What cannot be looked at counts as a file; why it cannot is the engine's to say. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
