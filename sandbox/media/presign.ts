/**
 * @file Presigned URLs, AWS Signature Version 4 in the query with an unsigned payload
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html).
 *
 * The SDK's presigner does the same at some twenty times the cost; a batch asks for a hundred.
 */
import { createHash, createHmac } from 'node:crypto';

export interface PresignTarget {
  /** Origin that clients reach; its host is signed. */
  endpoint: string;
  region: string;
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/**
 * A URL for one PUT of `key`, or with `query` (`partNumber`, `uploadId`) of a part of it.
 *
 * @param headers signed: the client must send them exactly so. Names in lower case.
 */
export function presignPut(
  target: PresignTarget,
  put: { key: string; query?: Record<string, string>; headers?: Record<string, string>; expiresS: number; now: Date },
): string {
  const { origin, host } = new URL(target.endpoint);
  const stamp = put.now.toISOString().replace(/[-:]|\.\d+/g, '');
  const day = stamp.slice(0, 8);
  const scope = `${day}/${target.region}/s3/aws4_request`;
  const signed = Object.entries({ ...put.headers, host }).sort(([one], [other]) => (one < other ? -1 : 1));
  const names = signed.map(([name]) => name).join(';');
  const query = Object.entries({
    ...put.query,
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD',
    'X-Amz-Credential': `${target.accessKeyId}/${scope}`,
    'X-Amz-Date': stamp,
    'X-Amz-Expires': String(put.expiresS),
    'X-Amz-SignedHeaders': names,
  })
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const path = `/${target.bucket}/${put.key}`.split('/').map(encode).join('/');
  const canonical = ['PUT', path, query, ...signed.map(([name, value]) => `${name}:${value.trim()}`), '', names, 'UNSIGNED-PAYLOAD'].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', stamp, scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
  const key = hmac(hmac(hmac(hmac(`AWS4${target.secretAccessKey}`, day), target.region), 's3'), 'aws4_request');
  return `${origin}${path}?${query}&X-Amz-Signature=${createHmac('sha256', key).update(toSign).digest('hex')}`;
}
