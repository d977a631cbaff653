/** @file A gateway in front of a real one that looks on, and on demand answers what no server should: people's data in every place a text fits. */
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CanaryGateway {
  url: string;
  /** Of the answers that went through: tokens and signatures. */
  readonly secrets: Set<string>;
  /** While set, the media service's answers are these words, with this status. */
  hostile: { status: number; words: string } | undefined;
  close(): Promise<void>;
}

export async function startCanaryGateway(target: string): Promise<CanaryGateway> {
  const secrets = new Set<string>();
  const server = createServer((incoming, outgoing) => {
    if (gateway.hostile && incoming.url?.startsWith('/media')) answerHostile(incoming, outgoing, gateway.hostile);
    else relay(incoming, outgoing);
  });

  function relay(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const onward = forward(new URL(incoming.url ?? '/', target), { method: incoming.method, headers: { ...incoming.headers, host: new URL(target).host } }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece)).on('end', () => {
        const body = Buffer.concat(pieces);
        for (const match of body.toString('latin1').matchAll(/eyJ[\w-]+\.[\w-]+\.([\w-]+)|X-Amz-Signature=([0-9a-f]+)|X-Amz-Credential=([\w%-]+)/g)) secrets.add(match[1] ?? match[2] ?? match[3] ?? '');
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers).end(body);
      });
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  }

  function answerHostile(incoming: IncomingMessage, outgoing: ServerResponse, { status, words }: { status: number; words: string }): void {
    incoming.resume().on('end', () => {
      const slug = words.replace(/[^\w-]+/g, '_');
      outgoing.writeHead(status, { 'content-type': 'application/json', 'x-trace-id': slug, 'x-request-id': slug, 'server': slug, 'location': `https://${slug.replaceAll('_', '-')}.example/${slug}?name=${slug}`, 'set-cookie': `s=${slug}` });
      outgoing.end(JSON.stringify({ status: 'error', error: { code: slug, message: words }, message: words, trace_id: slug, checks: [{ name: slug, ok: false, errno: slug }] }));
    });
  }

  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const gateway: CanaryGateway = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, secrets, hostile: undefined,
    close: () => new Promise((resolve) => { server.close(() => resolve()); server.closeAllConnections(); }),
  };
  return gateway;
}
