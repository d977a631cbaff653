import { resolve } from 'node:path';
import { isFull } from '../../engine/system-code.ts';
import { CallError } from '../../shared/rpc/call-error.ts';
import { formatBytes } from '../../shared/texts/format.ts';
import type { CommandContext } from '../context.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import { printable } from '../io.ts';
import { notEmpty } from '../option-values.ts';

/** Writes the support bundle and says what is in it. The check that it holds is made anew. */
export async function bundle(context: CommandContext, out: string): Promise<number> {
  const file = resolve(notEmpty(context.texts, 'OUT.ZIP', out));
  const { preview, sizeBytes } = await context.withEngine(async (engine) => ({
    preview: await engine.call.previewBundle(), sizeBytes: (await engine.call.writeBundle({ file }).catch((error: unknown) => { throw notWritten(context, file, error); })).sizeBytes,
  }));
  const { language, texts } = context;
  for (const part of preview.files) context.print(`${part.path}  ${part.failed ? texts.bundle.failed : formatBytes(language, part.sizeBytes)}`);
  context.print(texts.bundle.leftOut);
  context.print(texts.bundle.written(printable(file), formatBytes(language, sizeBytes)));
  context.printJson('bundle', { file, sizeBytes, ...preview });
  return exitCodes.ok;
}

/** The same code as ever, since scripts know it, in words that say where. @param error of `writeBundle`, whose detail is the system's code */
function notWritten({ texts }: CommandContext, file: string, error: unknown): unknown {
  if (!(error instanceof CallError) || error.code !== 'not-possible-now') return error;
  return new CommandFailure(error.code, isFull(error.detail) ? texts.bundle.targetFull(printable(file)) : texts.bundle.targetUnwritable(printable(file), error.detail ?? ''));
}
