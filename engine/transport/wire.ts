/** @file What servers send, as schemas, and the reading of their two envelopes. See docs of both contracts. */
import { z } from 'zod';
import { md5Schema, sha256Schema } from '../../shared/domain/ids.ts';
import { AnswerError } from './answer-error.ts';
import type { HttpAnswer } from './http.ts';

type Answerer = AnswerError['endpoint'];

/** A moment as servers write it: ISO 8601, or a number of seconds or milliseconds since the epoch. In milliseconds. */
export const momentSchema = z.union([z.string().max(64), z.number()]).transform((value, context) => {
  const moment = typeof value === 'number' ? Math.round(value < 1e11 ? value * 1000 : value) : Date.parse(value);
  if (Number.isSafeInteger(moment) && moment >= 0) return moment;
  context.addIssue({ code: 'custom', message: 'not a moment' });
  return z.NEVER;
});

/** Without quotes and without the mark of a weak one, which some CDNs add. In lower case, as MD5s are compared. */
export function bareEtag(etag: string): string {
  return etag.replace(/^W\//, '').replaceAll('"', '').trim().toLowerCase();
}
export const etagSchema = z.string().max(200).transform(bareEtag);

/** Addresses are used as given, so they must be ones that a request may go to. */
const addressSchema = z.string().max(8192).refine((text) => URL.canParse(text) && /^https?:/i.test(text));

export const presignedSchema = z.object({
  url: addressSchema,
  headers: z.record(z.string().regex(/^[\w-]{1,100}$/), z.string().max(2000).regex(/^[\t\x20-\x7e]*$/)).nullish().transform((headers) => headers ?? {}),
  expires_at: momentSchema,
});
export type Presigned = z.infer<typeof presignedSchema>;

export const sessionPhotoSchema = z.object({
  id: z.string().min(1).max(500),
  patient_id: z.coerce.string().max(500),
  object_key: z.string().max(1024),
  size_bytes: z.number().int().nonnegative(),
  sha256: z.string().toLowerCase().pipe(sha256Schema),
  content_type: z.string().max(200),
  uploaded_at: momentSchema,
});
export type SessionPhoto = z.infer<typeof sessionPhotoSchema>;

export const sessionUploadSchema = z.object({
  id: z.string().min(1).max(500),
  client_upload_id: z.string().max(200),
  state: z.enum(['open', 'completed', 'aborted', 'expired']),
  object_key: z.string().max(1024),
  part_bytes: z.number().int().positive(),
  part_count: z.number().int().min(1).max(10_000),
  single_put: presignedSchema.nullish(),
  parts: z.array(z.object({ number: z.number().int().min(1).max(10_000), size: z.number().int().nonnegative(), etag: etagSchema })).max(10_000),
  photo: sessionPhotoSchema.nullish(),
  duplicate_of: z.string().max(500).nullish(),
});
export type SessionUpload = z.infer<typeof sessionUploadSchema>;

export const uploadAnswerSchema = z.object({ upload: sessionUploadSchema });
export const batchAnswerSchema = z.object({
  uploads: z.array(z.union([
    z.object({ ok: z.literal(true), upload: sessionUploadSchema }),
    z.object({ ok: z.literal(false), error: z.object({ code: z.string(), status: z.number().int().optional() }) }),
  ])).max(100),
});
export const presignAnswerSchema = z.object({ parts: z.array(presignedSchema.extend({ number: z.number().int().min(1).max(10_000) })).max(10_000) });
export const completeAnswerSchema = z.object({ photo: sessionPhotoSchema, duplicate_of: z.string().max(500).nullish() });
/** What the end of an upload says besides is nobody's affair; where it does not say that, it is asked for. */
export const abortAnswerSchema = z.object({ upload: sessionUploadSchema.optional().catch(undefined) }).nullish().catch(undefined);

export const capabilitiesSchema = z.object({
  uploads: z.object({
    version: z.literal(1),
    max_file_bytes: z.number().int().positive(),
    accepted_types: z.array(z.string().max(100)).min(1).max(100),
    part_bytes: z.number().int().positive(),
    max_parts_in_flight: z.number().int().positive(),
  }),
});

/** Contract A's record of a patient's one photo. */
export const gatewayPhotoSchema = z.object({
  photo: z.object({
    entity_id: z.coerce.string().max(500),
    object_key: z.string().min(1).max(1024),
    url: addressSchema.nullish().catch(undefined),
    size_bytes: z.number().int().nonnegative(),
    etag: etagSchema.pipe(md5Schema).nullish().catch(undefined),
    uploaded_at: momentSchema.nullish().catch(undefined),
  }),
});
export type GatewayPhoto = z.infer<typeof gatewayPhotoSchema>['photo'];

export const patientPhotoSchema = z.object({ patient: z.object({ profile_photo_url: z.string().max(8192).nullish() }) });

const envelopeSchema = z.object({
  status: z.enum(['success', 'fail', 'error']),
  data: z.unknown(),
  error: z.unknown(),
  trace_id: z.string().max(200).nullish(),
}).refine((envelope) => envelope.data !== undefined || envelope.error !== undefined);

/** `malformed` where an answer is not in the words of the contract; see AnswerError. */
const malformed = 'malformed';

/**
 * Reads an answer of the gateway or one of its services: of an envelope its `data`, else the whole body.
 *
 * @throws AnswerError and nothing else, whatever the bytes are.
 */
export function readAnswer<T>(answer: HttpAnswer, schema: z.ZodType<T>, endpoint: Answerer = 'gateway'): T {
  const body = parseJson(answer.body);
  const envelope = envelopeSchema.safeParse(body);
  const failedInside = envelope.success && envelope.data.status !== 'success';
  if (answer.status < 200 || answer.status > 299 || failedInside) throw answerError(answer, endpoint);
  const parsed = schema.safeParse(envelope.success ? envelope.data.data : body);
  if (parsed.success) return parsed.data;
  throw new AnswerError({ endpoint, status: answer.status, code: malformed, headers: answer.headers, traceId: traceIdOf(body, answer) });
}

/** The error that an answer of the gateway tells, in either envelope. */
export function answerError(answer: HttpAnswer, endpoint: Answerer = 'gateway'): AnswerError {
  const body = parseJson(answer.body);
  return new AnswerError({
    endpoint, status: answer.status, code: codeOf(body) ?? malformed, headers: answer.headers, traceId: traceIdOf(body, answer),
  });
}

/** The error that Spaces tells, in XML; to a HEAD it says nothing. */
export function spacesError(answer: HttpAnswer): AnswerError {
  const text = new TextDecoder().decode(answer.body.subarray(0, 16_384));
  const code = /<Error>[\s\S]*?<Code>\s*([A-Za-z0-9.]{1,100})\s*<\/Code>/.exec(text)?.[1];
  return new AnswerError({ endpoint: 'spaces', status: answer.status, code: code ?? (answer.status === 404 ? 'NoSuchKey' : malformed), headers: answer.headers });
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

function codeOf(body: unknown): string | undefined {
  const parsed = z.object({ error: z.union([z.string(), z.object({ code: z.string() }).transform((error) => error.code)]) }).safeParse(body);
  if (!parsed.success) return undefined;
  // Codes are decided on, stored and shown; whatever else stands there is not one.
  return /^[\w.-]{1,100}$/.test(parsed.data.error) ? parsed.data.error : undefined;
}

function traceIdOf(body: unknown, answer: HttpAnswer): string | undefined {
  const inBody = z.object({ trace_id: z.string() }).safeParse(body);
  const traceId = inBody.success ? inBody.data.trace_id : answer.headers['x-trace-id'];
  return traceId !== undefined && /^[\w.:-]{1,200}$/.test(traceId) ? traceId : undefined;
}
