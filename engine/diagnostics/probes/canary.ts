/**
 * @file L7: a 1 KiB synthetic image along the real way: session, presigned address, PUT to Spaces, ETag.
 *
 * [Note: never a patient's photo] Three things keep a canary out of every patient's record. It is sent only where the
 * backend itself offers a place for it (`canary: {patient_id, prefix}` in its capabilities), so it never names a real
 * patient. An object key outside that prefix ends it before a byte is sent. And the upload is aborted, never completed:
 * without `complete` the backend has no record of a photo, and the abort takes the object away, so that repeating
 * it leaves nothing behind. On contract A a photo replaces the patient's one photo: there it is never sent.
 */
import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { ContractName } from '../../../shared/domain/account.ts';
import type { ProbeResult } from '../../../shared/domain/diagnosis.ts';
import { gatewayAddress } from '../../transport/gateway-address.ts';
import { answerEvidence, failureFinding, readBackendAnswer } from './answers.ts';
import { canaryImage } from './canary-image.ts';
import { ConnectFailure } from './connection.ts';
import { exchange, type ExchangeAnswer } from './exchange.ts';
import { ProbeBroke, runProbe, Skipped, type ProbeContext, type ProbeFinding } from './probe.ts';
import { dueForRenewal, type PresentToken } from './session.ts';

const offerSchema = z.object({ canary: z.object({ patient_id: z.string().min(1).max(200), prefix: z.string().min(2).max(200) }) });
const presignedSchema = z.object({ url: z.url({ protocol: /^https?$/ }), headers: z.record(z.string(), z.string()).default({}) });
const uploadSchema = z.object({ upload: z.object({ id: z.string().min(1).max(200), object_key: z.string().max(1024), single_put: presignedSchema.nullish() }) });
const partsSchema = z.object({ parts: z.array(presignedSchema).length(1) });

/** A step that was answered with something else than what it asked for. */
class StepFailed extends Error {
  readonly finding: ProbeFinding;
  constructor(finding: ProbeFinding) {
    super('a step of the canary failed');
    this.finding = finding;
  }
}

export function probeCanary(context: ProbeContext, gateway: URL, contract: ContractName | undefined, token: PresentToken): Promise<ProbeResult> {
  return runProbe(context, { layer: 'L7', kind: 'canary', target: 'spaces' }, async (signal): Promise<ProbeFinding> => {
    if (contract !== 'upload-sessions') throw new Skipped(contract === 'gateway-photo' ? 'on this contract it would replace a patient’s photo' : 'only sent through upload sessions');
    const bearer = await token(signal);
    if (bearer === undefined) throw new Skipped('nobody is signed in');
    if (typeof bearer !== 'string') throw new Skipped('due' in bearer ? dueForRenewal : 'the session is over');
    const startedAt = context.clock.monotonic();
    const image = canaryImage();
    let bytes = 0;
    const call = async <T>(method: 'GET' | 'POST' | 'DELETE', path: string, body: unknown, schema: z.ZodType<T>): Promise<T> => {
      const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
      const answer = await exchange(context, {
        method, url: new URL(gatewayAddress(gateway, path)), signal, ...(payload ? { body: payload } : {}),
        headers: { authorization: `Bearer ${bearer}`, accept: 'application/json', ...(payload ? { 'content-type': 'application/json' } : {}) },
      });
      bytes += answer.bytes;
      const parsed = schema.safeParse(readBackendAnswer(answer).data);
      // A backend of the older contract does not know the route at all.
      if (answer.status === 404 && method === 'GET') throw new Skipped('the backend offers no place for it');
      if (answer.status >= 300 || !parsed.success) throw new StepFailed({ ...answerEvidence(answer, context.clock.now()), outcome: 'failed', finding: 'odd-answer' });
      return parsed.data;
    };
    try {
      const capabilities = await call('GET', '/media/capabilities', undefined, z.unknown());
      const offer = offerSchema.safeParse(capabilities);
      if (!offer.success) throw new Skipped('the backend offers no place for it');
      const { patient_id: patient, prefix } = offer.data.canary;
      const md5 = createHash('md5').update(image);
      const md5Bytes = md5.digest();
      const { upload } = await call('POST', `/media/patients/${encodeURIComponent(patient)}/uploads`, {
        client_upload_id: randomUUID(), file_name: 'relevo-canary.png', content_type: 'image/png', size_bytes: image.length,
        sha256: createHash('sha256').update(image).digest('hex'),
      }, uploadSchema);
      try {
        if (!upload.object_key.startsWith(prefix)) throw new ProbeBroke('the backend put the canary outside its own prefix');
        const to = upload.single_put ?? (await call('POST', `/media/uploads/${encodeURIComponent(upload.id)}/parts`, { parts: [{ number: 1, md5: md5Bytes.toString('base64') }] }, partsSchema)).parts[0]!;
        const stored = await exchange(context, { method: 'PUT', url: new URL(to.url), headers: to.headers, body: image, signal });
        bytes += stored.bytes;
        return { ...judgeStored(stored, md5Bytes.toString('hex'), context.clock.now()), phases: { ...stored.phases, total: context.clock.monotonic() - startedAt }, bytes };
      } finally {
        // The probe has its answer; an abort that fails leaves a session that ends by itself and was never a photo.
        await call('DELETE', `/media/uploads/${encodeURIComponent(upload.id)}`, undefined, z.unknown()).catch(() => undefined);
      }
    } catch (error) {
      if (error instanceof StepFailed) return error.finding;
      if (error instanceof ConnectFailure) return failureFinding(error);
      throw error;
    }
  });
}

function judgeStored(stored: ExchangeAnswer, md5: string, now: number): ProbeFinding {
  const { serverCode: _bodyIsXml, answeringHop: _isSpaces, ...evidence } = answerEvidence(stored, now);
  if (stored.status !== 200) return { ...evidence, answeringHop: 'spaces', outcome: 'failed', finding: 'odd-answer' };
  const etag = (stored.headers['etag'] ?? '').replaceAll('"', '').toLowerCase();
  return etag === md5 ? { ...evidence, answeringHop: 'spaces', outcome: 'ok' } : { ...evidence, answeringHop: 'spaces', outcome: 'failed', finding: 'integrity' };
}
