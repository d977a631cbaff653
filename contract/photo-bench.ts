/**
 * @file The patient whose photo is replaced and deleted by the checks that write, and the photo that is to be theirs again
 * at the end.
 *
 * [Note: the original photo] It belongs to a real patient. It is fetched and lies on this computer's disk before anything
 * is written, is sent back by the product's own transport, and its copy is removed only once the store has been compared
 * with it. A request of ours whose outcome is not known may be carried out minutes later (see [Note: what a 504 means on
 * contract A]) and would then undo that, so each such request is waited for before anything else is sent.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { gatewayPhotoLimits } from '../engine/account/negotiation.ts';
import { classify } from '../engine/resilience/classify.ts';
import { fileAsFormData } from '../engine/transport/form-data.ts';
import { gatewayAddress } from '../engine/transport/gateway-address.ts';
import { createGatewayPhotoTransport, mediaGivesUpMs } from '../engine/transport/gateway-photo.ts';
import { callDeadlines, photoDeadlines, type HttpAnswer } from '../engine/transport/http.ts';
import type { RemoteSession, Transport } from '../engine/transport/transport.ts';
import { gatewayPhotoSchema, patientPhotoSchema, readAnswer } from '../engine/transport/wire.ts';
import type { PhotoFacts } from '../shared/domain/upload.ts';
import { NotRun, type Restored } from './check.ts';
import type { Answer } from './expectations.ts';
import type { Stage } from './stage.ts';
import { factsOf, testPhoto, testPhotoTypes, type TestPhotoType } from './test-photo.ts';

export interface Sending {
  method?: 'POST' | 'PUT';
  field?: string;
  type?: TestPhotoType;
  /** What is declared in place of `type`. */
  declare?: string;
  /** Default: a small picture of `type`. */
  bytes?: Buffer;
  /** Of the whole request; the picture is made to fit. */
  requestBytes?: number;
  /** In place of the bench's own patient. */
  patientId?: string;
}

type Original = { name: 'none' } | { name: 'present'; facts: PhotoFacts; bytes: Uint8Array; copy: string };

const pollMs = 5_000;
const restoreTries = 3;

export class PhotoBench {
  readonly patientId: string;
  readonly #stage: Stage;
  readonly #org: string;
  readonly #original: Original;
  readonly #unsettled: { until: number; isOver(): Promise<boolean> }[] = [];
  #touched = false;

  private constructor(stage: Stage, place: { patientId: string; org: string }, original: Original) {
    this.#stage = stage;
    this.patientId = place.patientId;
    this.#org = place.org;
    this.#original = original;
  }

  /**
   * Finds the patient and secures the photo that they have.
   *
   * @param copies folder for the copy; made when missing
   * @throws NotRun where either cannot be had: then nothing may be written
   */
  static async prepare(stage: Stage, patientId: string, copies: string): Promise<PhotoBench> {
    const known = stage.list?.patients.find(({ id }) => id === patientId)?.orgId;
    for (const org of known === undefined ? stage.organisations : [known]) {
      const record = await stage.get(recordPath(org, patientId)).catch(() => undefined);
      // A record that does not say is not one that says "none".
      if (!record || !recordThatSays.safeParse(record.json).success) continue;
      const url = await presentUrl(stage, org, patientId);
      return new PhotoBench(stage, { patientId, org }, url === undefined ? { name: 'none' } : await secure(stage, patientId, url, copies));
    }
    throw new NotRun('unknown-patient');
  }

  get path(): string {
    return photoPath(this.patientId);
  }

  /** Sends a photo as it is. `md5` is that of the photo. */
  async send({ method = 'POST', field = 'photo', type = 'image/jpeg', declare = type, bytes, requestBytes, patientId = this.patientId }: Sending = {}): Promise<{ answer: Answer; facts: PhotoFacts }> {
    const around = lengthOf(fileAsFormData(field, declare, []).body);
    const photo = bytes ?? testPhoto(type, requestBytes === undefined ? undefined : requestBytes - around);
    const facts = factsOf(photo, type, patientId, this.#stage.clock.now());
    const form = fileAsFormData(field, declare, photo.length === 0 ? [] : [photo]);
    const answer = await this.#change(() => this.#arrived(facts), { method, path: photoPath(patientId), form });
    return { answer, facts };
  }

  remove(): Promise<Answer> {
    return this.#change(async () => (await this.presentUrl()) === undefined, { method: 'DELETE', path: this.path });
  }

  presentUrl(): Promise<string | undefined> {
    return presentUrl(this.#stage, this.#org, this.patientId);
  }

  /** An object as everybody sees it: without a token. */
  head(url: string): Promise<HttpAnswer> {
    return this.#stage.http.send({ method: 'HEAD', url, headers: {}, endpoint: 'spaces', deadlines: callDeadlines });
  }

  /** The product's transport as after a start: it knows nothing of what was sent before. */
  transport(maxFileBytes = gatewayPhotoLimits(0).maxFileBytes): Transport {
    const { product, http, gateway, clock } = this.#stage;
    const limits = { ...gatewayPhotoLimits(clock.now()), maxFileBytes, partBytes: maxFileBytes };
    return createGatewayPhotoTransport({ client: product.calls, http, at: gateway, limits, clock, orgOf: (id) => (id === this.patientId ? this.#org : undefined) });
  }

  session(facts: PhotoFacts, sentAt = this.#stage.clock.now()): RemoteSession {
    return { transport: 'gateway-photo', at: this.#stage.gateway, sessionId: facts.id, partBytes: facts.sizeBytes, openedAt: sentAt, sentAt };
  }

  /** Sends a photo as the product does, and compares what is stored. @throws what a Transport throws */
  async sendByProduct(facts: PhotoFacts, bytes: Uint8Array, transport = this.transport()): Promise<void> {
    this.#touched = true;
    const signal = new AbortController().signal;
    const session = this.session(facts);
    try {
      const part = await transport.sendPart(facts, session, { number: 1, chunks: [bytes], sizeBytes: bytes.length, md5: facts.md5 }, { signal });
      await transport.verify(facts, session, await transport.complete(facts, session, [part], { signal }), { signal });
    } catch (error) {
      this.#noteIfUnsettled(error, () => this.#arrived(facts));
      throw error;
    }
  }

  /** Whether the patient's record says that their photo is this one. */
  async hasArrived(facts: PhotoFacts): Promise<boolean> {
    const report = await this.transport().inspect(facts, this.session(facts), { signal: new AbortController().signal });
    return report.name === 'completed';
  }

  /** Waits until nothing that was sent can still change the patient's photo. See [Note: the original photo]. */
  async settle(tell: () => void): Promise<void> {
    const { clock } = this.#stage;
    for (const pending of this.#unsettled.splice(0)) {
      if (await pending.isOver()) continue;
      tell();
      while (clock.now() < pending.until && !(await pending.isOver())) await clock.sleep(Math.min(pollMs, pending.until - clock.now()));
    }
  }

  /** Puts back what was there before. Never throws. Call `settle` first. */
  async restore(tell: () => void): Promise<Restored> {
    const original = this.#original;
    const copy = original.name === 'present' ? original.copy : undefined;
    if (this.#touched && !(await this.#restored(tell))) return { name: 'failed', keptAt: copy };
    if (copy !== undefined) await rm(copy, { force: true });
    return { name: this.#touched ? 'restored' : 'untouched' };
  }

  async #restored(tell: () => void): Promise<boolean> {
    const isAsBefore = (): Promise<boolean> => this.#isAsBefore().catch(() => false);
    for (let attempt = 1; attempt <= restoreTries && !(await isAsBefore()); attempt += 1) {
      if (attempt > 1) await this.#stage.clock.sleep(pollMs);
      try {
        if (this.#original.name === 'none') await this.remove();
        else await this.sendByProduct(this.#original.facts, this.#original.bytes);
      } catch { /* What counts is what the record says in the end. */ }
      await this.settle(tell);
    }
    return isAsBefore();
  }

  async #isAsBefore(): Promise<boolean> {
    const original = this.#original;
    return original.name === 'none' ? (await this.presentUrl()) === undefined : this.hasArrived(original.facts);
  }

  #arrived(facts: PhotoFacts): Promise<boolean> {
    return this.hasArrived(facts).catch(() => false);
  }

  async #change(isOver: () => Promise<boolean>, ask: { method: 'POST' | 'PUT' | 'DELETE'; path: string; form?: { headers: Record<string, string>; body: readonly Uint8Array[] } }): Promise<Answer> {
    const token = await this.#stage.token();
    this.#touched ||= ask.path === this.path;
    try {
      const answer = await this.#stage.ask({ ...ask, token, deadlines: photoDeadlines });
      try {
        readAnswer<unknown>(answer.http, ask.method === 'DELETE' ? deletedPhotoSchema : gatewayPhotoSchema);
      } catch (error) {
        this.#noteIfUnsettled(error, isOver);
      }
      return answer;
    } catch (error) {
      this.#noteIfUnsettled(error, isOver);
      throw error;
    }
  }

  #noteIfUnsettled(error: unknown, isOver: () => Promise<boolean>): void {
    const { clock } = this.#stage;
    if (classify(error).ambiguous) this.#unsettled.push({ until: clock.now() + mediaGivesUpMs, isOver: () => isOver().catch(() => false) });
  }
}

/** The product deletes no photos, so it has no schema for this. */
export const deletedPhotoSchema = z.object({ photo: z.object({ deleted_objects: z.number().int().nonnegative(), prefix: z.string() }) });

const recordThatSays = z.object({ data: z.object({ patient: z.object({ profile_photo_url: z.string().nullable() }) }) });

export function recordPath(org: string, patientId: string): string {
  return `/user/orgs/${encodeURIComponent(org)}/patients/${encodeURIComponent(patientId)}`;
}

function photoPath(patientId: string): string {
  return `/media/patients/${encodeURIComponent(patientId)}/photo`;
}

function lengthOf(body: readonly Uint8Array[]): number {
  return body.reduce((sum, chunk) => sum + chunk.length, 0);
}

/** Where the patient's record says that their photo is; undefined where they have none. */
async function presentUrl(stage: Stage, org: string, patientId: string): Promise<string | undefined> {
  const { patient } = await stage.product.calls.call({ method: 'GET', path: recordPath(org, patientId), auth: 'token', idempotent: true, answer: patientPhotoSchema });
  return patient.profile_photo_url ? new URL(patient.profile_photo_url, gatewayAddress(stage.gateway, '/')).href : undefined;
}

/** @throws NotRun where it could not be put back as it is */
async function secure(stage: Stage, patientId: string, url: string, copies: string): Promise<Original> {
  try {
    const answer = await stage.http.send({ method: 'GET', url, headers: {}, endpoint: 'spaces', deadlines: callDeadlines, maxAnswerBytes: gatewayPhotoLimits(0).maxFileBytes });
    const type = testPhotoTypes.find((name) => name === answer.headers['content-type']);
    if (answer.status !== 200 || type === undefined || answer.body.length === 0) throw new NotRun('original-not-secured');
    const copy = join(copies, `original-photo-${randomUUID()}${type.replace('image/', '.')}`);
    await mkdir(copies, { recursive: true });
    const file = await open(copy, 'wx', 0o600);
    try {
      await file.writeFile(answer.body);
      await file.sync();
    } finally {
      await file.close();
    }
    return { name: 'present', facts: factsOf(answer.body, type, patientId, stage.clock.now()), bytes: answer.body, copy };
  } catch {
    throw new NotRun('original-not-secured');
  }
}
