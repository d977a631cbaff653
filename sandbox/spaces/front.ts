import { Agent, request as httpRequest, type RequestListener } from 'node:http';
import { Agent as SecureAgent, request as httpsRequest } from 'node:https';

/**
 * Hands every request on to the Spaces at `endpoint`, streaming both ways. The Host header stays as the client sent it,
 * because presigned URLs sign it: they must be signed for the front's address.
 */
export function createFront(endpoint: string): { handler: RequestListener; dispose: () => void } {
  const target = new URL(endpoint);
  const secure = target.protocol === 'https:';
  const agent = secure ? new SecureAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
  const send = secure ? httpsRequest : httpRequest;
  const handler: RequestListener = (request, response) => {
    const headers = { ...request.headers };
    const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
    // Spaces refuse without reading the body, and close: that reset would overtake the refusal on its way to the client.
    if (hasBody) headers.expect = '100-continue';
    const upstream = send({
      agent,
      host: target.hostname,
      port: target.port || (secure ? 443 : 80),
      ...(secure ? { servername: target.hostname } : {}),
      method: request.method,
      path: request.url,
      headers,
    });
    let accepted = false;
    let whole = !hasBody;
    upstream.once('continue', () => {
      accepted = true;
      // Without making the client wait: what has arrived is handed on even if the client is gone by then, as Spaces
      // themselves store a body of which they have every byte, whether or not anyone still listens for the answer.
      request.on('data', (chunk: Buffer) => void upstream.write(chunk));
      request.once('end', () => {
        whole = true;
        upstream.end();
      });
    });
    upstream.once('response', (answer) => {
      if (!accepted) request.resume();
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      answer.once('error', () => response.destroy());
      // Nobody is left to hear it, but the connection is to be used again.
      response.once('close', () => answer.resume());
    });
    upstream.on('error', () => {
      if (!response.headersSent) response.destroy();
    });
    response.once('close', () => {
      if (!whole) upstream.destroy();
    });
    request.on('error', () => {
      if (!whole) upstream.destroy();
    });
    if (hasBody) upstream.flushHeaders();
    else upstream.end();
  };
  return { handler, dispose: () => agent.destroy() };
}
