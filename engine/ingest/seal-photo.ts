import { createHash } from 'node:crypto';
import type { Limits } from '../../shared/domain/account.ts';
import type { ContentType, PhotoFacts, Priority } from '../../shared/domain/upload.ts';
import type { Clock } from '../clock.ts';
import { DatabaseError } from '../queue/database-error.ts';
import type { UploadQueue } from '../queue/upload-queue.ts';
import type { Accounts } from '../queue/upload-store.ts';
import type { Random } from '../random.ts';
import { SpoolError, type Spool, type SpoolWriter } from '../spool/spool.ts';
import { satisfyTwin } from '../upload/renew-copy.ts';
import { exifDate } from './exif-date.ts';
import { withoutLocation } from './metadata/without-location.ts';
import { Rejection, rejectionOf } from './rejection.ts';
import { sniff } from './sniff.ts';
import type { Source } from './source.ts';

export interface PhotoRequest {
  accountId: string;
  patientId: string;
  patientName: string;
  fileName: string;
  note?: string;
  tags?: string[];
  priority: Priority;
  /** Absent while no backend has ever said: then every kind that we know is taken. */
  limits: Limits | undefined;
  /** Whether what tells the place or the device is taken out of the file before it is sealed. */
  removeLocation: boolean;
}

export interface SealTools {
  spool: Spool;
  queue: UploadQueue;
  clock: Clock;
  random: Random;
  /** The accounts whose photos count as this one's own, where several share a queue. */
  together?: (accountId: string) => Accounts;
  /** Accounts of other backends, whose patients are others even where their ids are the same. */
  elsewhere?: () => Accounts;
  /** Photos being sealed now, by owner, patient and bytes; of two alike that come at once the second waits for the first. */
  underWay: Map<string, Promise<void>>;
}

export interface SealListener {
  /** By its bytes it is a photo. */
  onPhoto(): void;
  onBytes(bytes: number): void;
}

export type SealOutcome = { outcome: 'queued'; id: string; sizeBytes: number } | { outcome: 'duplicate'; id: string };

/**
 * Takes one photo in: read once, recognised, hashed, sealed in the spool, and only when that has reached the disk, its row
 * written. Nothing is left behind where it rejects. See [Note: safe to remove].
 *
 * @throws Rejection
 */
export async function sealPhoto(tools: SealTools, request: PhotoRequest, source: Source, listener: SealListener): Promise<SealOutcome> {
  const id = tools.random.uuid();
  let writer: SpoolWriter | undefined;
  try {
    const pieces = source.read()[Symbol.asyncIterator]();
    const first = await pieces.next();
    const firstBytes = first.done ? new Uint8Array() : first.value;
    const contentType = accepted(firstBytes, request.limits);
    listener.onPhoto();
    assertSize(source.sizeBytes, request.limits);
    writer = await tools.spool.create(id);
    const capturedAt = exifDate(firstBytes, contentType);
    let bytesRead = 0;
    const read = counted(firstBytes, pieces, (bytes) => {
      bytesRead += bytes;
      assertSize(bytesRead, request.limits);
      listener.onBytes(bytes);
    });
    const sent = await writeAndHash(writer, request.removeLocation ? withoutLocation(contentType, read) : read);
    await source.assertUnchanged(bytesRead);
    return await keepUnlessDuplicate(tools, writer, request, {
      id, accountId: request.accountId, patientId: request.patientId, patientName: request.patientName, fileName: request.fileName.slice(0, 1024),
      contentType, ...sent, ...(capturedAt === undefined ? {} : { capturedAt }), ...(request.note === undefined ? {} : { note: request.note }),
      tags: request.tags ?? [], addedAt: tools.clock.now(),
    });
  } catch (error) {
    await writer?.discard().catch(() => undefined);
    throw asRejection(error);
  }
}

/** @throws Rejection `empty` or `too-large` */
export function assertSize(sizeBytes: number, limits: Limits | undefined): void {
  if (sizeBytes === 0) throw new Rejection('empty', { sizeBytes });
  if (limits && sizeBytes > limits.maxFileBytes) throw new Rejection('too-large', { sizeBytes, limitBytes: limits.maxFileBytes });
}

function accepted(firstBytes: Uint8Array, limits: Limits | undefined): ContentType {
  if (firstBytes.length === 0) throw new Rejection('empty', { sizeBytes: 0 });
  const sniffed = sniff(firstBytes);
  if (sniffed.name === 'not-an-image') throw new Rejection('not-an-image');
  const type = sniffed.name === 'photo' ? sniffed.contentType : undefined;
  if (!type || (limits && !limits.acceptedTypes.includes(type))) {
    throw new Rejection('type-not-accepted', { detail: sniffed.name === 'photo' ? sniffed.contentType : sniffed.kind });
  }
  return type;
}

async function* counted(first: Uint8Array, rest: AsyncIterator<Uint8Array>, onBytes: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  try {
    onBytes(first.length);
    yield first;
    for (let next = await rest.next(); !next.done; next = await rest.next()) {
      onBytes(next.value.length);
      yield next.value;
    }
  } finally {
    await rest.return?.();
  }
}

/** The size and digests are those of what passes here, which is what will be sent, byte for byte. */
async function writeAndHash(writer: SpoolWriter, pieces: AsyncIterable<Uint8Array>): Promise<Pick<PhotoFacts, 'sizeBytes' | 'sha256' | 'md5'>> {
  const sha256 = createHash('sha256');
  const md5 = createHash('md5');
  let sizeBytes = 0;
  for await (const piece of pieces) {
    sha256.update(piece);
    md5.update(piece);
    sizeBytes += piece.length;
    await writer.write(piece);
  }
  return { sizeBytes, sha256: sha256.digest('hex'), md5: md5.digest('hex') };
}

/** One after the other of those alike, so that each finds the one before as it will be. */
async function keepUnlessDuplicate(tools: SealTools, writer: SpoolWriter, request: PhotoRequest, facts: PhotoFacts): Promise<SealOutcome> {
  const key = `${facts.accountId}\n${facts.patientId}\n${facts.sha256}`;
  for (let twin = tools.underWay.get(key); twin; twin = tools.underWay.get(key)) await twin;
  const keeping = keepOrRenew(tools, writer, request, facts);
  tools.underWay.set(key, keeping.then(() => undefined, () => undefined).finally(() => { tools.underWay.delete(key); }));
  return keeping;
}

/** See [Note: the same bytes again]. */
async function keepOrRenew(tools: SealTools, writer: SpoolWriter, request: PhotoRequest, facts: PhotoFacts): Promise<SealOutcome> {
  const { queue, spool } = tools;
  let sealed = false;
  const seal = async (): Promise<string> => {
    if (!sealed) await writer.seal(facts);
    sealed = true;
    return facts.id;
  };
  const letGo = (): Promise<void> => (sealed ? spool.remove(facts.id) : writer.discard());
  try {
    const accounts = tools.together?.(facts.accountId) ?? [facts.accountId];
    for (;;) {
      const known = queue.store.findDuplicate(accounts, facts.patientId, facts.sha256, tools.elsewhere?.());
      if (!known) break;
      const twin = await satisfyTwin(tools, known, seal);
      if (twin.name === 'cancelled') continue;
      await letGo();
      return twin.name === 'duplicate' ? { outcome: 'duplicate', id: known.facts.id } : { outcome: 'queued', id: known.facts.id, sizeBytes: facts.sizeBytes };
    }
    await keep(tools, seal, facts, request.priority);
    return { outcome: 'queued', id: facts.id, sizeBytes: facts.sizeBytes };
  } catch (error) {
    await letGo().catch(() => undefined);
    throw error;
  }
}

/**
 * [Note: safe to remove] The order makes the promise: the sealed bytes reach the disk (seal), then the row that will send them
 * (insert), then the person is told. Cut short after the first, the photo lies in the spool without a row and is adopted at
 * the next start; cut short before, only a half-written file is left, and nobody was told anything.
 */
async function keep({ queue, clock }: SealTools, seal: () => Promise<string>, facts: PhotoFacts, priority: Priority): Promise<void> {
  await seal();
  queue.store.insert(facts, priority, clock.now());
}

function asRejection(error: unknown): Rejection {
  if (error instanceof SpoolError || error instanceof DatabaseError) {
    return new Rejection(error.reason === 'disk-full' ? 'disk-full' : 'spool-unwritable', { detail: error.reason, cause: error });
  }
  return rejectionOf(error);
}
