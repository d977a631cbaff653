import { formatBytes, formatCount, formatDuration, formatSpeed } from '../../shared/texts/format.ts';
import type { CommandContext } from '../context.ts';
import { exitCodes } from '../failure.ts';

export async function sync(context: CommandContext, options: { timeout?: number }): Promise<number> {
  const bar = context.progress();
  const { result, paused, hold } = await context.withEngine(async (engine) => {
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
      const synced = await engine.call.sync(options.timeout === undefined ? {} : { timeoutSeconds: options.timeout });
      return { result: synced, paused: transfer.paused, hold: (await engine.call.getStatus()).transfer.hold };
    } finally {
      stop();
      bar.clear();
    }
  });
  const { language, texts } = context;
  const { completed, waiting, needsAttention } = result;
  if (completed > 0) context.print(texts.sync.done(completed, formatBytes(language, result.bytes), formatDuration(language, result.seconds * 1000)));
  else if (waiting === 0 && needsAttention === 0) context.print(texts.sync.nothing);
  const why = paused ? texts.sync.paused : hold ? texts.sync.hold[hold] : '';
  if (waiting > 0) context.print(`${texts.sync.waiting(waiting)} ${why}`.trim());
  if (needsAttention > 0) context.print(texts.sync.attention(needsAttention));
  context.printJson('sync', { ...result, seconds: Math.round(result.seconds * 1000) / 1000 });
  if (needsAttention > 0) return exitCodes.someNeedAttention;
  return waiting > 0 ? exitCodes.someWait : exitCodes.ok;
}
