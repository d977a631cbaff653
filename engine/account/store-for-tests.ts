/** @file A store that keeps objects, asks for no signature, and refuses what it is told to. No multipart uploads. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Seen {
  method: string;
  /** `?uploads` is kept of its query, and nothing else. */
  path: string;
}

export interface Refusal {
  status: number;
  code: string;
}

export interface TestStore {
  endpoint: string;
  /** By their paths, the bucket included. */
  objects: Map<string, { bytes: Buffer; headers: Record<string, string> }>;
  close(): Promise<void>;
}

export async function startTestStore(refuse: (seen: Seen) => Refusal | undefined = () => undefined): Promise<TestStore> {
  const objects: TestStore['objects'] = new Map();
  const xml = (response: ServerResponse, status: number, body: string): void => { response.writeHead(status, { 'content-type': 'application/xml' }).end(body); };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      const { pathname: path, searchParams } = new URL(request.url ?? '', 'http://store');
      const { method = '', headers } = request;
      const refused = refuse({ method, path: `${path}${searchParams.has('uploads') ? '?uploads' : ''}` });
      if (refused) return xml(response, refused.status, method === 'HEAD' ? '' : `<?xml version="1.0"?><Error><Code>${refused.code}</Code></Error>`);
      if (searchParams.has('uploads')) return xml(response, 200, '<ListMultipartUploadsResult/>');
      if (method === 'PUT') {
        const etag = `"${Buffer.from(String(headers['content-md5']), 'base64').toString('hex')}"`;
        const kept = Object.entries(headers).flatMap(([name, value]) => (name.startsWith('x-amz-meta-') ? [[name, String(value)]] : []));
        objects.set(path, { bytes: Buffer.concat(chunks), headers: { ...Object.fromEntries(kept) as Record<string, string>, etag } });
        response.writeHead(200, { etag }).end();
        return;
      }
      const object = objects.get(path);
      if (method === 'DELETE') objects.delete(path);
      if (method === 'DELETE') response.writeHead(204).end();
      else if (!object) xml(response, 404, method === 'HEAD' ? '' : '<Error><Code>NoSuchKey</Code></Error>');
      else response.writeHead(200, { ...object.headers, 'content-length': object.bytes.length }).end(method === 'HEAD' ? undefined : object.bytes);
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, objects,
    close: () => new Promise((resolve) => { server.close(() => resolve()); server.closeAllConnections(); }),
  };
}
