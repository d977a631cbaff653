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
    // Node has answered it; passing it on would make the target wait or answer it again.
    delete headers.expect;
    const upstream = send({
      agent,
      host: target.hostname,
      port: target.port || (secure ? 443 : 80),
      ...(secure ? { servername: target.hostname } : {}),
      method: request.method,
      path: request.url,
      headers,
    });
    upstream.once('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      answer.once('error', () => response.destroy());
    });
    upstream.once('error', () => response.destroy());
    response.once('close', () => {
      if (!response.writableFinished) upstream.destroy();
    });
    request.once('error', () => upstream.destroy());
    request.pipe(upstream);
  };
  return { handler, dispose: () => agent.destroy() };
}
