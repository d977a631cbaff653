import { createHash, randomUUID } from 'node:crypto';
import { ownKeysTestSchema, type OwnKeysTest } from '../../shared/domain/own-keys.ts';
import type { Clock } from '../clock.ts';
import { canaryImage } from '../diagnostics/probes/canary-image.ts';
import { classify } from '../resilience/classify.ts';
import type { Deadlines, Http } from '../transport/http.ts';
import { createS3Calls, type S3Target } from '../transport/s3-calls.ts';
import { IntegrityMismatch } from '../transport/transport.ts';

/** Objects of tests lie under this, apart from every photo, so that a bucket's rules can drop what a broken test left. */
export const canaryPrefix = 'relevo-test/';

/** Somebody looks on and waits. */
const deadlines: Deadlines = { connectMs: 10_000, stallMs: 10_000, totalMs: 15_000 };

type Step = OwnKeysTest['steps'][number];

/**
 * Does with a 1 KiB image of nobody what sending photos needs: writes it, reads it back and compares, asks what is not there
 * and which uploads are unfinished (keys that may not list are told 403 in place of "there is none"), and deletes it.
 * Each request once; over the bare network, so that a wrong address opens no breaker.
 *
 * @returns never rejects for the network or the store: the steps say how far it came. What may have been written is deleted, whatever else failed.
 */
export async function testOwnKeys(tools: { http: Http; clock: Clock; signal: AbortSignal }, target: S3Target): Promise<OwnKeysTest> {
  const { clock, signal } = tools;
  const http: Http = {
    send: (request) => tools.http.send({ ...request, deadlines }), forgetConnections: () => undefined, close: () => undefined,
  };
  const s3 = createS3Calls(http, clock, target);
  const image = canaryImage();
  const digest = (algorithm: string): string => createHash(algorithm).update(image).digest('hex');
  const key = `${canaryPrefix}${randomUUID()}`;

  async function attempt(step: Step['step'], work: () => Promise<void>): Promise<Step> {
    try {
      await work();
      return { step, outcome: 'ok' };
    } catch (error) {
      return { step, outcome: 'failed', failure: classify(error, { step: 'part', now: clock.now() }) };
    }
  }

  const write = await attempt('write', async () => {
    const part = { number: 1, chunks: [image], sizeBytes: image.length, md5: digest('md5') };
    const etag = await s3.put(key, { contentType: 'image/png', sha256: digest('sha256') }, part, signal);
    if (etag !== part.md5) throw new IntegrityMismatch('etag');
  });
  const written = write.outcome === 'ok';
  const read: Step = !written ? { step: 'read', outcome: 'not-tried' } : await attempt('read', async () => {
    const object = await s3.head(key, signal);
    if (object?.sizeBytes !== image.length) throw new IntegrityMismatch('size');
    if (await s3.sha256(key, signal) !== digest('sha256')) throw new IntegrityMismatch('sha256');
    await s3.head(`${key}-none`, signal);
    await s3.unfinished(key, signal);
  });
  const mayBeThere = written || write.failure?.ambiguous === true || write.failure?.code === 'integrity-mismatch';
  const removal: Step = mayBeThere ? await attempt('delete', () => s3.remove(key, signal)) : { step: 'delete', outcome: 'not-tried' };
  const steps = [write, read, removal];
  return ownKeysTestSchema.parse({ passed: steps.every(({ outcome }) => outcome === 'ok'), steps });
}
