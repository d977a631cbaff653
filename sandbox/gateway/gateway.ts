import type { RequestListener } from 'node:http';
import { fastify, type FastifyReply, type FastifyRequest } from 'fastify';
import { traceIdOf } from '../http/envelope.ts';
import type { Tokens } from '../http/tokens.ts';
import type { ContractName, RateLimit, Timeouts } from '../options.ts';
import { Proxy, type Upstream } from './proxy.ts';
import { RateLimiter } from './rate-limit.ts';

/** The one address that clients know. It answers bare JSON; the services behind it answer as they do. */
export async function createGateway(deps: {
  contract: ContractName;
  timeouts: Timeouts;
  tokens: Tokens;
  rateLimit?: RateLimit | undefined;
  upstreams: { auth: () => string; user: () => string; media: () => string };
}): Promise<{ handler: RequestListener; dispose: () => void }> {
  const { contract, timeouts, tokens, upstreams } = deps;
  const app = fastify({ forceCloseConnections: true });
  const proxy = new Proxy(timeouts.gatewayMs);
  const limiter = deps.rateLimit && new RateLimiter(deps.rateLimit);
  // Bodies are passed on as they come, whatever they are.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));

  app.addHook('onRequest', async (request, reply) => {
    const traceId = traceIdOf(request);
    void reply.header('x-trace-id', traceId);
    reply.raw.setHeader('x-trace-id', traceId);
    if (!limiter) return;
    const account = await tokens.readBearer(request.headers.authorization);
    const waitS = limiter.take(account?.user_id ?? request.ip, Date.now());
    if (waitS !== undefined) {
      await reply.code(429).header('retry-after', String(waitS)).send({ error: 'rate_limited', message: 'Demasiadas solicitudes' });
    }
  });
  const notFound = (reply: FastifyReply): FastifyReply => reply.code(404).send({ error: 'not_found', message: 'Ruta no encontrada' });
  app.setNotFoundHandler((_request, reply) => notFound(reply));
  app.setErrorHandler((_error, _request, reply) => reply.code(500).send({ error: 'internal_error', message: 'Error interno del gateway' }));

  app.get('/health', (_request, reply) => reply.redirect('/health/', 308));
  app.get('/health/', () => ({ status: 'ok', service: 'heartguard-gateway', timestamp: new Date().toISOString(), debug: false }));

  const to = (upstream: Upstream) => (request: FastifyRequest, reply: FastifyReply): void => {
    reply.hijack();
    proxy.forward(request.raw, reply.raw, upstream);
  };
  const media = to({ name: 'media-service', url: upstreams.media });
  app.all('/auth/*', to({ name: 'auth-service', url: upstreams.auth }));
  app.all('/user/*', to({ name: 'user-service', url: upstreams.user }));
  if (contract === 'sessions') app.all('/media/*', media);
  else {
    app.get('/media/health', media);
    for (const method of ['POST', 'PUT', 'DELETE'] as const) app.route({ method, url: '/media/patients/:id/photo', handler: media });
  }

  await app.ready();
  return { handler: (request, response) => app.routing(request, response), dispose: () => proxy.dispose() };
}
