/** @file The promises of `Transport`, as one suite for every adapter, on whatever server it is put. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PhotoFacts } from '../../shared/domain/upload.ts';
import { classify, type Step } from '../resilience/classify.ts';
import { IntegrityMismatch, type PartBody, type RemoteSession, type SessionReport, type StoredPart, type Transport } from './transport.ts';

export interface TransportHarness {
  transport: Transport;
  /** Another transport on the same server that knows nothing of the first: the engine after a restart. */
  restarted(): Transport;
  /** A patient that no other test has sent a photo of. */
  freshPatient(): string;
  /** A size that makes one part, and one that makes three (absent where there is never more than one). */
  sizes: { small: number; large?: number };
  /** The next call of this step is carried out, and its answer lost. Each is one request of the transport. */
  loseAnswer(step: 'open' | 'part' | 'complete'): void;
  /** SHA-256 of the object, read past the transport. */
  storedSha256(objectKey: string): Promise<string>;
  /** How many records or objects of this photo there are. */
  copies(photo: PhotoFacts): Promise<number>;
  unfinished(): Promise<number>;
  /** The server ends the session, as it would after a month. Absent where it cannot be made to. */
  endSession?(session: RemoteSession): Promise<void>;
  /** Replaces what is stored. Absent where the transport cannot see the store. */
  tamper?(objectKey: string): Promise<void>;
  /** The access token ends. Absent where there is none. */
  expireToken?(): void;
  close(): Promise<void>;
}

const signal = new AbortController().signal;
const digest = (algorithm: string, bytes: Uint8Array): string => createHash(algorithm).update(bytes).digest('hex');

type Open = Extract<SessionReport, { name: 'open' }>;

export function photoOf(bytes: Uint8Array, patientId: string): PhotoFacts {
  return {
    id: randomUUID(), accountId: 'account', patientId, patientName: 'Ana Ñandú', fileName: 'foto "1" 📷.jpg', contentType: 'image/jpeg',
    sizeBytes: bytes.length, sha256: digest('sha256', bytes), md5: digest('md5', bytes), tags: ['control'], addedAt: Date.now(),
  };
}

/** Bytes that begin as a JPEG does and are otherwise like no others. */
export function photoBytes(size: number): Uint8Array {
  return Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), randomBytes(size - 4)]);
}

/** In two chunks, as the spool gives them. */
export function partOf(bytes: Uint8Array, number: number, partBytes: number): PartBody {
  const part = bytes.subarray((number - 1) * partBytes, number * partBytes);
  const middle = Math.floor(part.length / 2);
  return { number, chunks: [part.subarray(0, middle), part.subarray(middle)], sizeBytes: part.length, md5: digest('md5', part) };
}

/** Holds one adapter to the promises in the docstring of `Transport`. */
export function describeTransport(name: string, start: () => Promise<TransportHarness>): void {
  describe(`${name} keeps the promises of a transport`, () => {
    let harness: TransportHarness;
    let transport: Transport;
    beforeAll(async () => {
      harness = await start();
      transport = harness.transport;
    });
    afterAll(async () => { await harness?.close(); });

    const sizes = (): number[] => [harness.sizes.small, ...(harness.sizes.large === undefined ? [] : [harness.sizes.large])];
    const large = (): number => harness.sizes.large ?? harness.sizes.small;

    function make(size: number): { bytes: Uint8Array; photo: PhotoFacts } {
      const bytes = photoBytes(size);
      return { bytes, photo: photoOf(bytes, harness.freshPatient()) };
    }

    async function opened(photo: PhotoFacts, by = transport): Promise<Open> {
      const report = await by.open(photo, { signal });
      expect(report.name).toBe('open');
      return report as Open;
    }

    const numbersOf = (photo: PhotoFacts, session: RemoteSession): number[] =>
      Array.from({ length: Math.ceil(photo.sizeBytes / session.partBytes) }, (_, index) => index + 1);

    async function sendAll(bytes: Uint8Array, photo: PhotoFacts, session: RemoteSession, numbers = numbersOf(photo, session)): Promise<StoredPart[]> {
      const sent: StoredPart[] = [];
      for (const number of numbers) sent.push(await transport.sendPart(photo, session, partOf(bytes, number, session.partBytes), { signal }));
      return sent.sort((one, other) => one.number - other.number);
    }

    async function bring(bytes: Uint8Array, photo: PhotoFacts) {
      const { session } = await opened(photo);
      const parts = await sendAll(bytes, photo, session);
      return { session, parts, stored: await transport.complete(photo, session, parts, { signal }) };
    }

    async function failureOf(promise: Promise<unknown>, step: Step) {
      const error: unknown = await promise.then(() => { throw new Error('did not fail'); }, (reason: unknown) => reason);
      return classify(error, { step });
    }

    /** The session as the uploader would have committed it before it began to send. */
    const begun = (session: RemoteSession): RemoteSession => (transport.ordering === 'per-patient' ? { ...session, sentAt: Date.now() } : session);

    it('brings a photo whole, of one part and of several, and verifies it', async () => {
      for (const size of sizes()) {
        const { bytes, photo } = make(size);
        let told = 0;
        const { session } = await opened(photo);
        const parts: StoredPart[] = [];
        for (const number of numbersOf(photo, session)) {
          const part = partOf(bytes, number, session.partBytes);
          const stored = await transport.sendPart(photo, session, part, { signal, onSent: (sent) => { told += sent; } });
          expect(stored).toEqual({ number, sizeBytes: part.sizeBytes, etag: part.md5 });
          parts.push(stored);
        }
        const stored = await transport.complete(photo, session, parts, { signal });
        await transport.verify(photo, session, stored, { signal });
        expect(told).toBe(size);
        expect(stored.sizeBytes).toBe(size);
        expect(await harness.storedSha256(stored.objectKey)).toBe(photo.sha256);
        expect(await harness.copies(photo)).toBe(1);
      }
      expect(await harness.unfinished()).toBe(0);
    });

    it('opened twice, at once and after a restart, is one upload', async () => {
      const { bytes, photo } = make(large());
      const reports = [...await Promise.all([opened(photo), opened(photo)]), await opened(photo, harness.restarted())];
      // S3 gives no way to create under a key only once; what is left over is found and ended by the next `open`.
      const { session } = reports[2] as Open;
      if (transport.name !== 'own-keys') expect(new Set(reports.map((report) => report.session.sessionId)).size).toBe(1);
      await transport.complete(photo, session, await sendAll(bytes, photo, session), { signal });
      expect((await transport.open(photo, { signal })).name).toBe('completed');
      expect(await harness.copies(photo)).toBe(1);
      expect(await harness.unfinished()).toBe(0);
    });

    it('opens many at once, each its own', async () => {
      const photos = Array.from({ length: 12 }, () => make(harness.sizes.small).photo);
      const reports = await Promise.all(photos.map((photo) => opened(photo)));
      if (transport.name !== 'own-keys') expect(new Set(reports.map(({ session }) => session.sessionId)).size).toBe(12);
      for (const [index, { session }] of reports.entries()) await transport.abort(photos[index] as PhotoFacts, session, { signal });
    });

    it('a lost answer to open leaves nothing double', async () => {
      const { bytes, photo } = make(large());
      harness.loseAnswer('open');
      await transport.open(photo, { signal }).catch(() => undefined);
      const { session } = await opened(photo);
      await transport.complete(photo, session, await sendAll(bytes, photo, session), { signal });
      expect(await harness.copies(photo)).toBe(1);
      expect(await harness.unfinished()).toBe(0);
    });

    it('takes parts in any order, again, and replaced', async () => {
      const { bytes, photo } = make(large());
      const { session } = await opened(photo);
      const numbers = numbersOf(photo, session);
      const parts = await sendAll(bytes, photo, session, [...numbers].reverse());
      await sendAll(bytes, photo, session, numbers.slice(0, 1));
      const stored = await transport.complete(photo, session, parts, { signal });
      await transport.verify(photo, session, stored, { signal });
      expect(await harness.storedSha256(stored.objectKey)).toBe(photo.sha256);
    });

    it('tells after a restart what the store has, and goes on from there', async () => {
      if (harness.sizes.large === undefined) return;
      const { bytes, photo } = make(harness.sizes.large);
      const { session } = await opened(photo);
      const sent = await sendAll(bytes, photo, session, [1, 3]);
      const report = await harness.restarted().inspect(photo, session, { signal });
      expect(report).toMatchObject({ name: 'open', parts: sent });
      expect((report as Open).session.partBytes).toBe(session.partBytes);
      const rest = await sendAll(bytes, photo, session, [2]);
      const stored = await transport.complete(photo, session, [...sent, ...rest].sort((one, other) => one.number - other.number), { signal });
      expect(await harness.storedSha256(stored.objectKey)).toBe(photo.sha256);
    });

    it('a lost answer to a part is told as ambiguous, and asking settles it', async () => {
      const { bytes, photo } = make(large());
      const session = begun((await opened(photo)).session);
      harness.loseAnswer('part');
      const failure = await failureOf(transport.sendPart(photo, session, partOf(bytes, 1, session.partBytes), { signal }), 'part');
      expect(failure).toMatchObject({ disposition: 'retry', ambiguous: true });
      const report = await harness.restarted().inspect(photo, session, { signal });
      if (transport.name === 'gateway-photo') expect(report.name).toBe('completed');
      else if (report.name === 'open') expect(report.parts).toEqual(photo.sizeBytes <= session.partBytes && transport.name === 'own-keys' ? [] : [expect.objectContaining({ number: 1 })]);
      if (report.name === 'open') await transport.complete(photo, session, await sendAll(bytes, photo, session), { signal });
      expect(await harness.copies(photo)).toBe(1);
    });

    it('completed twice, or with its answer lost, is the same photo', async () => {
      for (const size of sizes()) {
        const { bytes, photo } = make(size);
        const { session } = await opened(photo);
        const parts = await sendAll(bytes, photo, session);
        harness.loseAnswer('complete');
        const first = await transport.complete(photo, session, parts, { signal }).catch(() => undefined);
        const second = await transport.complete(photo, session, parts, { signal });
        if (first) expect(second.photoId).toBe(first.photoId);
        const report = await harness.restarted().inspect(photo, begun(session), { signal });
        expect(report).toMatchObject({ name: 'completed', photo: { objectKey: second.objectKey } });
        const verifier = harness.restarted();
        await verifier.verify(photo, session, (report as { photo: typeof second }).photo, { signal });
        expect(await harness.copies(photo)).toBe(1);
      }
    });

    it('refuses a photo whose part is another\'s, and stays open', async () => {
      if (transport.name === 'gateway-photo') return;
      const { bytes, photo } = make(large());
      const { session } = await opened(photo);
      const parts = await sendAll(bytes, photo, session);
      const wrong = parts.map((part, index) => (index === 0 ? { ...part, etag: digest('md5', Buffer.from('other')) } : part));
      expect(await failureOf(transport.complete(photo, session, wrong, { signal }), 'complete')).toMatchObject({ code: 'integrity-mismatch' });
      expect((await transport.inspect(photo, session, { signal })).name).toBe('open');
      await transport.complete(photo, session, parts, { signal });
    });

    it('refuses bytes that are not what they are said to be', async () => {
      if (transport.name === 'gateway-photo') return;
      const { bytes, photo } = make(large());
      const { session } = await opened(photo);
      const part = partOf(bytes, 1, session.partBytes);
      const fallen = { ...part, chunks: [Buffer.from(part.chunks[0] as Uint8Array).fill(0, 100, 101), part.chunks[1] as Uint8Array] };
      expect(await failureOf(transport.sendPart(photo, session, fallen, { signal }), 'part')).toMatchObject({ code: expect.stringMatching(/integrity-mismatch|signature-expired/) });
      await transport.abort(photo, session, { signal });
    });

    it('verify finds a record of another size or digest, and other bytes in the store', async () => {
      const { bytes, photo } = make(harness.sizes.small);
      const { session, stored } = await bring(bytes, photo);
      await expect(transport.verify(photo, session, { ...stored, sizeBytes: stored.sizeBytes - 1 }, { signal })).rejects.toThrow(IntegrityMismatch);
      const otherDigest = { ...stored, sha256: digest('sha256', Buffer.from('x')), etag: digest('md5', Buffer.from('x')) };
      await expect(transport.verify(photo, session, otherDigest, { signal })).rejects.toThrow(IntegrityMismatch);
      await harness.tamper?.(stored.objectKey);
      if (harness.tamper) await expect(harness.restarted().verify(photo, session, stored, { signal })).rejects.toThrow(IntegrityMismatch);
    });

    it('aborts twice and leaves no parts; a completed one is told as such', async () => {
      const { bytes, photo } = make(large());
      const { session } = await opened(photo);
      if (harness.sizes.large !== undefined) await sendAll(bytes, photo, session, [1]);
      expect(await transport.abort(photo, session, { signal })).toEqual({ name: 'aborted' });
      expect(await transport.abort(photo, session, { signal })).toEqual({ name: 'aborted' });
      expect(await harness.unfinished()).toBe(0);
      const second = make(large());
      const done = await bring(second.bytes, second.photo);
      expect(await transport.abort(second.photo, done.session, { signal })).toMatchObject({ name: 'completed', photo: { photoId: done.stored.photoId } });
      expect(await harness.copies(second.photo)).toBe(1);
    });

    it('a session gone at the server is told, and the photo can begin again', async () => {
      if (!harness.endSession) return;
      const { bytes, photo } = make(large());
      const { session } = await opened(photo);
      await sendAll(bytes, photo, session, [1]);
      await harness.endSession(session);
      expect((await transport.inspect(photo, session, { signal })).name).toBe('gone');
      expect(await failureOf(transport.sendPart(photo, session, partOf(bytes, 2, session.partBytes), { signal }), 'part')).toMatchObject({ code: 'upload-gone' });
      const again = await opened(photo);
      expect(again.session.sessionId).not.toBe(session.sessionId);
      expect((await opened(photo, harness.restarted())).session.sessionId).toBe(again.session.sessionId);
      await transport.complete(photo, again.session, await sendAll(bytes, photo, again.session), { signal });
      expect(await harness.copies(photo)).toBe(1);
      expect(await harness.unfinished()).toBe(0);
    });

    it('a token that ends on the way is renewed', async () => {
      if (!harness.expireToken) return;
      const { bytes, photo } = make(large());
      const { session } = await opened(photo);
      harness.expireToken();
      const parts = await sendAll(bytes, photo, session).catch(() => sendAll(bytes, photo, session));
      harness.expireToken();
      const stored = await transport.complete(photo, session, parts, { signal });
      expect(await harness.storedSha256(stored.objectKey)).toBe(photo.sha256);
    });

    it('does nothing once it was aborted by its signal', async () => {
      const { photo } = make(harness.sizes.small);
      const { session } = await opened(photo);
      await expect(transport.sendPart(photo, session, partOf(photoBytes(harness.sizes.small), 1, session.partBytes), { signal: AbortSignal.abort() })).rejects.toMatchObject({ reason: 'aborted' });
      expect(await harness.copies(photo)).toBe(0);
    });
  });
}
