import type { UploadItem } from '../../shared/domain/upload.ts';
import { CallError } from '../../shared/rpc/call-error.ts';
import { uploadIdSchema } from '../../shared/domain/ids.ts';
import type { CommandContext } from '../context.ts';
import type { EngineSession } from '../engine-session.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import { printable } from '../io.ts';
import { describeState } from './status.ts';

async function changeUpload(context: CommandContext, id: string, change: (engine: EngineSession, id: string) => Promise<UploadItem>): Promise<number> {
  if (!uploadIdSchema.safeParse(id).success) throw new CommandFailure('usage', context.texts.usage.wrongValue('ID'), exitCodes.usage);
  const item = await context.withEngine((engine) => change(engine, id).catch(async (error: unknown) => {
    if (!(error instanceof CallError) || error.code !== 'not-possible-now') throw error;
    // As the call left it, so it is looked for only now.
    const now = (await engine.call.getUpload({ id })).item;
    throw new CommandFailure(error.code, context.texts.notInThisState(printable(now.fileName), describeState(context, now.state, Date.now()).replace(/\.$/, '')));
  }));
  context.print(context.texts.uploadNow(printable(item.fileName), describeState(context, item.state, Date.now())));
  context.printJson('item', { item });
  return exitCodes.ok;
}

export async function pause(context: CommandContext, id: string | undefined): Promise<number> {
  if (id !== undefined) return changeUpload(context, id, (engine) => engine.call.pauseUpload({ id }));
  await context.withEngine((engine) => engine.call.pauseQueue());
  context.print(context.texts.queuePaused);
  context.printJson('queue', { paused: true });
  return exitCodes.ok;
}

export async function resume(context: CommandContext, id: string | undefined): Promise<number> {
  if (id !== undefined) return changeUpload(context, id, (engine) => engine.call.resumeUpload({ id }));
  await context.withEngine((engine) => engine.call.resumeQueue());
  context.print(context.texts.queueResumed);
  context.printJson('queue', { paused: false });
  return exitCodes.ok;
}

export async function retry(context: CommandContext, id: string): Promise<number> {
  return changeUpload(context, id, (engine) => engine.call.retryUpload({ id }));
}

export async function cancel(context: CommandContext, id: string): Promise<number> {
  return changeUpload(context, id, (engine) => engine.call.cancelUpload({ id }));
}
