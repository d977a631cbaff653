import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Accounts } from '../http/accounts.ts';
import { Refusal, success } from '../http/envelope.ts';
import type { Limits, Timeouts } from '../options.ts';
import { canaryOffer, type Canaries } from './canaries.ts';
import type { Sessions } from './sessions.ts';
import { batchItemSchema, batchSchema, completeSchema, createUploadSchema, partsSchema } from './uploads-table.ts';

type WithId = { Params: { id: string } };

/** Contract B: capabilities, sessions, parts, complete, abort. */
export function addSessionRoutes(app: FastifyInstance, deps: { accounts: Accounts; sessions: Sessions; canaries: Canaries; limits: Limits; timeouts: Timeouts }): void {
  const { accounts, sessions, canaries, limits, timeouts } = deps;

  // Open to all: a client asks which contract it has before anybody signed in.
  app.get('/media/capabilities', (request) =>
    success(request, {
      uploads: {
        version: 1,
        max_file_bytes: limits.maxFileBytes,
        accepted_types: limits.acceptedTypes,
        part_bytes: limits.partBytes,
        max_parts_in_flight: limits.maxPartsInFlight,
        session_ttl_s: timeouts.sessionTtlS,
      },
      canary: canaryOffer,
    }),
  );

  app.post<WithId>('/media/patients/:id/uploads', async (request, reply) => {
    const account = await accounts.require(request);
    if (request.params.id === canaryOffer.patient_id) {
      return reply.code(201).send(success(request, { upload: canaries.create(createUploadSchema.parse(request.body)) }, 'Subida creada'));
    }
    const { upload, created } = await sessions.create(account, request.params.id, createUploadSchema.parse(request.body));
    return reply.code(created ? 201 : 200).send(success(request, { upload }, created ? 'Subida creada' : 'Subida existente'));
  });

  // `::` is the router's way to write a colon.
  app.post('/media/uploads::batch', async (request) => {
    const account = await accounts.require(request);
    const { uploads } = batchSchema.parse(request.body);
    if (uploads.length > limits.batchUploads) throw new Refusal(422, 'validation_error', `Se admiten hasta ${limits.batchUploads} subidas`);
    const results: unknown[] = [];
    // In order, so that the second of two equal ones finds the first.
    for (const each of uploads) {
      try {
        const { patient_id: patient, ...upload } = batchItemSchema.parse(each);
        results.push({ ok: true, upload: (await sessions.create(account, patient, upload)).upload });
      } catch (error) {
        if (error instanceof Refusal) results.push({ ok: false, error: { code: error.code, message: error.message } });
        else if (error instanceof z.ZodError) results.push({ ok: false, error: { code: 'validation_error', message: 'Solicitud inválida' } });
        else throw error;
      }
    }
    return success(request, { uploads: results });
  });

  app.get<WithId>('/media/uploads/:id', async (request) => {
    const account = await accounts.require(request);
    return success(request, { upload: await sessions.view(account, request.params.id) });
  });

  app.post<WithId>('/media/uploads/:id/parts', async (request) => {
    const account = await accounts.require(request);
    const { parts } = partsSchema.parse(request.body);
    return success(request, { parts: await sessions.presignParts(account, request.params.id, parts) });
  });

  app.post<WithId>('/media/uploads/:id/complete', async (request) => {
    const account = await accounts.require(request);
    const { parts } = completeSchema.parse(request.body);
    return success(request, await sessions.complete(account, request.params.id, parts), 'Foto cargada correctamente');
  });

  app.delete<WithId>('/media/uploads/:id', async (request) => {
    const account = await accounts.require(request);
    const { id } = request.params;
    return success(request, { upload: canaries.has(id) ? await canaries.abort(id) : await sessions.abort(account, id) }, 'Subida cancelada');
  });
}
