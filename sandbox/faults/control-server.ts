import type { RequestListener } from 'node:http';
import { fastify } from 'fastify';
import { z } from 'zod';
import { serviceNames, type ContractName, type ServiceName } from '../options.ts';
import type { StoreReader } from '../store-reader.ts';
import type { FaultControl } from './fault-control.ts';
import { faultSchema, mediaFaultSchema, type FaultInput } from './fault.ts';

const oneOrMore = z.union([z.array(faultSchema), faultSchema.transform((fault) => [fault])]);
const contractSchema = z.object({ contract: z.enum(['sessions', 'heartguard']) });
const networkSchema = z.object({ down: z.boolean() });
const serviceParameters = z.object({ name: z.enum(serviceNames), action: z.enum(['start', 'stop']) });
const sinceSchema = z.object({ since: z.coerce.number().int().min(0).default(0) });

/**
 * The control endpoint, on loopback:
 *
 *     GET|POST|DELETE /faults, DELETE /faults/{id}     the faults in force; POST takes one or an array
 *     POST /network {down}, POST /media {spacesUnreachable}, POST /reset
 *     POST /contract {contract}                        deploys `sessions` or `heartguard`
 *     GET /services, POST /services/{name}/{stop|start}
 *     GET /requests?since=N, DELETE /requests          {requests, totals}
 *     GET /store                                       {objects, unfinished, photos, profilePhotos}; ?hash=no leaves SHA-256 out
 */
export async function createControl(deps: {
  faults: FaultControl;
  services: Record<ServiceName, { start(): Promise<void>; stop(): Promise<void>; url: string; running: boolean }>;
  store: StoreReader;
  setContract(contract: ContractName): Promise<void>;
}): Promise<RequestListener> {
  const { faults, services, store } = deps;
  const app = fastify();

  // A page in some browser on this machine must not be able to reach it.
  app.addHook('onRequest', async (request, reply) => {
    if (request.headers.origin !== undefined) await reply.code(403).send({ error: 'forbidden', message: 'Not for browsers' });
  });
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof z.ZodError || error instanceof SyntaxError) return reply.code(400).send({ error: 'invalid_request', message: error.message });
    const { statusCode = 500 } = error as { statusCode?: number };
    return reply.code(statusCode).send({ error: 'failed', message: String((error as Error).message) });
  });

  const state = () => ({ faults: faults.list(), networkDown: faults.networkDown, spacesUnreachable: faults.spacesUnreachable ?? null });
  app.get('/faults', state);
  app.post('/faults', async (request) => ({ faults: await faults.set(...(oneOrMore.parse(request.body) as FaultInput[])) }));
  app.delete('/faults', async () => ({ removed: await faults.clear() }));
  app.delete<{ Params: { id: string } }>('/faults/:id', async (request) => ({ removed: await faults.clear(request.params.id) }));
  app.post('/network', async (request) => {
    await faults.network(networkSchema.parse(request.body));
    return state();
  });
  app.post('/media', (request) => {
    faults.media(mediaFaultSchema.parse(request.body));
    return state();
  });
  app.post('/reset', async () => {
    await faults.reset();
    return state();
  });

  app.post('/contract', async (request) => {
    const { contract } = contractSchema.parse(request.body);
    await deps.setContract(contract);
    return { contract };
  });
  app.get('/services', () => ({ services: serviceNames.map((name) => ({ name, url: services[name].url, running: services[name].running })) }));
  app.post('/services/:name/:action', async (request) => {
    const { name, action } = serviceParameters.parse(request.params);
    await services[name][action]();
    return { name, running: services[name].running };
  });

  app.get('/requests', (request) => ({ requests: faults.requests(sinceSchema.parse(request.query).since), totals: faults.totals() }));
  app.delete('/requests', () => {
    faults.clearRequests();
    return {};
  });
  app.get<{ Querystring: { hash?: string } }>('/store', async (request) => ({
    objects: await store.objects({ hash: request.query.hash !== 'no' }),
    unfinished: await store.unfinishedUploads(),
    photos: store.photos(),
    profilePhotos: store.profilePhotos(),
  }));

  await app.ready();
  return (request, response) => app.routing(request, response);
}
