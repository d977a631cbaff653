/** @file A plain client of both contracts, for the sandbox's own tests: no retries, no cleverness, every answer shown. */
import { createHash, randomUUID } from 'node:crypto';
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { Sandbox } from '../sandbox.ts';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The body as JSON; undefined when it is none. */
  // oxlint-disable-next-line typescript/no-explicit-any -- what is in it is what the tests assert
  json: any;
}

export interface Call {
  headers?: Record<string, string>;
  body?: Buffer | string;
  signal?: AbortSignal;
}

/**
 * One request on a connection of its own. Rejects when the connection ends before the whole answer. With the header
 * `expect: 100-continue` the body is kept back until it is asked for: Spaces refuse by the head alone and close, and
 * under a body on its way that reset may come before their answer has been read.
 */
export function call(method: string, url: string, { headers = {}, body, signal }: Call = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const agent = new Agent({ keepAlive: false });
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const request = httpRequest(url, { method, agent, headers: { ...length, ...headers }, ...(signal ? { signal } : {}) });
    request.once('error', reject);
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const text = Buffer.concat(chunks).toString();
        let json: unknown;
        try {
          json = JSON.parse(text);
        } catch {
          json = undefined;
        }
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
      });
    });
    if (headers['expect'] === '100-continue') {
      request.once('continue', () => request.end(body));
      request.flushHeaders();
    } else request.end(body);
  });
}

export function md5(body: Buffer): string {
  return createHash('md5').update(body).digest('hex');
}

export function md5Base64(body: Buffer): string {
  return createHash('md5').update(body).digest('base64');
}

export function sha256(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}

/** A body for contract A, with its headers. */
export function photoForm(body: Buffer, { field = 'photo', type = 'image/jpeg', name = 'foto.jpg' } = {}): { headers: Record<string, string>; body: Buffer } {
  const boundary = `relevo-${randomUUID()}`;
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="${field}"; filename="${name}"\r\nContent-Type: ${type}\r\n\r\n`;
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([Buffer.from(head), body, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
}

/** Somebody signed in at a sandbox. */
export class TestClient {
  readonly sandbox: Sandbox;
  accessToken = '';
  refreshToken = '';

  private constructor(sandbox: Sandbox) {
    this.sandbox = sandbox;
  }

  static async signIn(sandbox: Sandbox, email = sandbox.ready.email): Promise<TestClient> {
    const client = new TestClient(sandbox);
    // Straight at the service: tests give the gateway little patience, and hashing a password takes its time.
    const answer = await call('POST', `${sandbox.services.auth.url}/auth/login/user`, {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password: sandbox.ready.password }),
    });
    if (answer.status !== 200) throw new Error(`sign-in failed: ${answer.text}`);
    client.accessToken = answer.json.access_token;
    client.refreshToken = answer.json.refresh_token;
    return client;
  }

  /** A patient of the demo nurse. */
  patient(index = 0): string {
    const patient = this.sandbox.ready.patients[index];
    if (!patient) throw new Error(`no patient ${index}`);
    return patient.id;
  }

  call(method: string, path: string, { headers, ...rest }: Call = {}): Promise<Answer> {
    return call(method, `${this.sandbox.ready.gateway}${path}`, { ...rest, headers: { ...(this.accessToken ? { authorization: `Bearer ${this.accessToken}` } : {}), ...headers } });
  }

  get(path: string): Promise<Answer> {
    return this.call('GET', path);
  }

  json(method: string, path: string, body: unknown): Promise<Answer> {
    return this.call(method, path, { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  }

  sendPhoto(patient: string, body: Buffer, { method = 'POST', ...form }: { method?: string; field?: string; type?: string } = {}): Promise<Answer> {
    return this.call(method, `/media/patients/${patient}/photo`, photoForm(body, form));
  }

  createUpload(patient: string, body: Buffer, extra: Record<string, unknown> = {}): Promise<Answer> {
    return this.json('POST', `/media/patients/${patient}/uploads`, this.describe(body, extra));
  }

  describe(body: Buffer, extra: Record<string, unknown> = {}): Record<string, unknown> {
    return { client_upload_id: randomUUID(), file_name: 'IMG_0001.JPG', content_type: 'image/jpeg', size_bytes: body.length, sha256: sha256(body), ...extra };
  }

  put(presigned: { url: string; headers: Record<string, string> }, body: Buffer): Promise<Answer> {
    return call('PUT', presigned.url, { headers: presigned.headers, body });
  }

  complete(upload: string, parts: { number: number; etag: string }[]): Promise<Answer> {
    return this.json('POST', `/media/uploads/${upload}/complete`, { parts });
  }

  /** Sends parts by their numbers; returns what complete wants to know. */
  async sendParts(upload: { id: string; part_bytes: number }, body: Buffer, numbers: number[]): Promise<{ number: number; etag: string }[]> {
    const slice = (number: number): Buffer => body.subarray((number - 1) * upload.part_bytes, number * upload.part_bytes);
    const answer = await this.json('POST', `/media/uploads/${upload.id}/parts`, { parts: numbers.map((number) => ({ number, md5: md5Base64(slice(number)) })) });
    const parts = answer.json.data.parts as { number: number; url: string; headers: Record<string, string> }[];
    return Promise.all(
      parts.map(async (part) => {
        const put = await this.put(part, slice(part.number));
        if (put.status !== 200) throw new Error(`part ${part.number}: ${put.text}`);
        return { number: part.number, etag: String(put.headers.etag) };
      }),
    );
  }
}
