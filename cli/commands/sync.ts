import type { Failure } from '../../shared/domain/failure.ts';
import type { SyncResult } from '../../shared/engine-contract.ts';
import { formatBytes, formatCount, formatDuration, formatSpeed } from '../../shared/texts/format.ts';
import { failureText } from '../../shared/texts/failures.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../failure.ts';

export async function sync(context: CommandContext, options: { timeout?: number }): Promise<number> {
  const bar = context.progress();
  const result = await context.withEngine(async (engine) => {
    const { counts, transfer } = await engine.call.getStatus();
    const before = { completed: counts.completed, bytes: transfer.remainingBytes };
    const { language, texts } = context;
    const stop = engine.on('queue', (now) => {
      const all = Math.max(before.bytes, now.transfer.remainingBytes);
      const sent = all - now.transfer.remainingBytes;
      bar.show(all === 0 ? 0 : sent / all, [
        formatCount(language, now.counts.completed - before.completed),
        `${formatBytes(language, sent)} / ${formatBytes(language, all)}`,
        formatSpeed(language, now.transfer.bytesPerSecond),
        ...(now.transfer.secondsLeft === undefined ? [] : [texts.sync.left(formatDuration(language, now.transfer.secondsLeft * 1000))]),
      ].join('  '));
    });
    try {
      return await engine.call.sync(options.timeout === undefined ? {} : { timeoutSeconds: options.timeout });
    } finally {
      stop();
      bar.clear();
    }
  });
  const { language, texts } = context;
  const { completed, waiting, needsAttention } = result;
  if (completed > 0) context.print(texts.sync.done(completed, formatBytes(language, result.bytes), formatDuration(language, result.seconds * 1000)));
  else if (waiting === 0 && needsAttention === 0) context.print(texts.sync.nothing);
  if (waiting > 0) context.print([texts.sync.waiting(waiting), ...reasonOf(context, result)].join(' '));
  if (needsAttention > 0) context.print([texts.sync.attention(needsAttention), ...(waiting > 0 ? [] : explained(context, result.oldestFailure))].join('\n'));
  context.printJson('sync', { ...result, seconds: Math.round(result.seconds * 1000) / 1000 });
  if (needsAttention > 0) return exitCodes.someNeedAttention;
  return waiting > 0 ? exitCodes.someWait : exitCodes.ok;
}

/** Why they wait, and what helps. */
function reasonOf(context: CommandContext, { reason, oldestFailure }: SyncResult): string[] {
  if (reason === undefined) return [];
  const { why } = context.texts.sync;
  // What a photo met is told in its own words, which know more than the reason.
  if (reason === 'failure' || reason === 'offline') {
    const told = explained(context, oldestFailure);
    return told.length > 0 ? told : [why[reason]];
  }
  return [why[reason]];
}

function explained({ language }: CommandContext, failure: Failure | undefined): string[] {
  if (!failure) return [];
  const { what, next } = failureText(language, failure);
  return [what, next];
}
