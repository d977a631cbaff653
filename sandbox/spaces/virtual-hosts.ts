import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage, RequestListener } from 'node:http';

interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
}

const hostPattern = /^([a-z0-9-]+)\.localhost(?::\d+)?$/;
const authorizationPattern = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([\w;-]+), ?Signature=([0-9a-f]{64})$/;

/**
 * Lets requests to `BUCKET.localhost` reach an S3 server that knows only `/BUCKET/key`. (s3rver takes the bucket from the host too,
 * but then expects it in the signed path, where Signature Version 4 has none.) A signature that is right for the request as it came is
 * replaced by one for the request as it goes on; a wrong one stays, and is refused there.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function withVirtualHosts(handler: RequestListener, keys: Keys): RequestListener {
  return (request, response) => {
    const bucket = hostPattern.exec(request.headers.host ?? '')?.[1];
    if (bucket !== undefined) rewrite(request, bucket, keys);
    handler(request, response);
  };
}

function rewrite(request: IncomingMessage, bucket: string, keys: Keys): void {
  const before = request.url ?? '/';
  request.url = `/${bucket}${before}`;
  const { authorization = '' } = request.headers;
  const [, keyId, day = '', region = '', signedHeaders = '', given] = authorizationPattern.exec(authorization) ?? [];
  const sign = (url: string): string => signatureOf(request, url, { day, region, signedHeaders, secret: keys.secretAccessKey });
  if (keyId !== keys.accessKeyId || given !== sign(before)) return;
  request.headers.authorization = authorization.replace(given, sign(request.url));
}

function signatureOf(request: IncomingMessage, url: string, scope: { day: string; region: string; signedHeaders: string; secret: string }): string {
  const { day, region, signedHeaders, secret } = scope;
  const [path = '/', query = ''] = url.split('?', 2);
  const headers = signedHeaders.split(';').map((name) => `${name}:${String(request.headers[name] ?? '').trim().replace(/ +/g, ' ')}\n`).join('');
  const pairs = query.split('&').filter(Boolean).map((pair) => (pair.includes('=') ? pair : `${pair}=`)).sort();
  const canonical = [request.method, path, pairs.join('&'), headers, signedHeaders, request.headers['x-amz-content-sha256']].join('\n');
  const text = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], `${day}/${region}/s3/aws4_request`, createHash('sha256').update(canonical).digest('hex')].join('\n');
  const key = [day, region, 's3', 'aws4_request'].reduce<Buffer | string>((made, part) => createHmac('sha256', made).update(part).digest(), `AWS4${secret}`);
  return createHmac('sha256', key).update(text).digest('hex');
}
