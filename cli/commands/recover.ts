import { access, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { keyFileName, sealedKeyFileName } from '../../engine/data-folder/data-key.ts';
import { isFull, systemCode } from '../../engine/system-code.ts';
import type { RecoveredPhoto } from '../../shared/domain/recovered-photo.ts';
import type { CommandContext } from '../context.ts';
import { CommandFailure, exitCodes } from '../failure.ts';
import { printable } from '../io.ts';
import { jsonLine, type JsonBody } from '../json-output.ts';

/** Takes the sealed photos out of a data folder, without its database and without an engine. */
export async function recover(context: CommandContext, options: { to: string }): Promise<number> {
  const { texts, dataDir } = context;
  const spoolDir = join(dataDir, 'spool');
  if (!await exists(spoolDir)) throw new CommandFailure('nothing-to-recover', texts.recover.noSpool(dataDir));
  // Loading would make a new key, and a new key opens nothing.
  if (!context.io.environment.RELEVO_KEY && !await exists(join(dataDir, keyFileName)) && !await exists(join(dataDir, sealedKeyFileName))) {
    throw new CommandFailure('key-missing', texts.recover.noKey);
  }
  const folder = resolve(options.to);
  const bar = context.progress();
  try {
    const photos = await context.host.recover({
      dataDir, folder, onProgress: (done, total) => bar.show(done / total, texts.recover.reading(done, total)),
    }, context.io).catch((error: unknown) => { throw context.io.signal.aborted ? error : asFailure(context, error); });
    bar.clear();
    const index = await writeIndex(folder, photos);
    const damaged = photos.filter((photo) => photo.outcome === 'damaged');
    for (const photo of damaged) context.print(texts.recover.damaged(printable(photo.facts ? `${photo.facts.fileName} (${photo.facts.patientName})` : photo.id), photo.reason));
    context.print(texts.recover.summary(photos.length - damaged.length, damaged.length, printable(folder)));
    context.printJson('recovered', { folder, index, recovered: photos.length - damaged.length, damaged: damaged.length, photos: photos.map(described) });
    return damaged.length > 0 ? exitCodes.someNeedAttention : exitCodes.ok;
  } finally {
    bar.clear();
  }
}

function asFailure({ texts }: CommandContext, error: unknown): unknown {
  const code = systemCode(error);
  if (isFull(code)) return new CommandFailure('disk-full', texts.recover.targetFull);
  // Only the system's own codes are about the target.
  return code ? new CommandFailure('target-unwritable', texts.recover.targetUnwritable) : error;
}

/** Beside the photos, for whoever has to put them where they belong. Never in the place of an older one. */
async function writeIndex(folder: string, photos: readonly RecoveredPhoto[]): Promise<string> {
  const body = jsonLine({ recoveredAt: new Date().toISOString(), photos: photos.map(described) });
  for (let turn = 1; ; turn += 1) {
    const name = turn === 1 ? 'index.json' : `index (${turn}).json`;
    try {
      await writeFile(join(folder, name), body, { flag: 'wx', mode: 0o600 });
      return name;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function described(photo: RecoveredPhoto): JsonBody<'recovered'>['photos'][number] {
  const { facts } = photo;
  return {
    id: photo.id,
    verified: photo.outcome === 'recovered',
    ...(photo.outcome === 'recovered' ? { file: photo.file } : { reason: photo.reason }),
    ...(facts ? {
      originalName: facts.fileName, patientId: facts.patientId, patientName: facts.patientName, sha256: facts.sha256, sizeBytes: facts.sizeBytes,
      contentType: facts.contentType, addedAt: facts.addedAt, capturedAt: facts.capturedAt, note: facts.note, tags: facts.tags,
    } : {}),
  };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}
