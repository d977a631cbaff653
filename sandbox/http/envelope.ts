/** @file The two ways in which this backend answers: see the contract's table "who answers". Messages are Spanish, for people. */
import { randomUUID } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ZodError } from 'zod';

/** An answer that is not a success, thrown by a route of media or user. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Record<string, string>;
  readonly data: unknown;

  constructor(status: number, code: string, message: string, extra: { headers?: Record<string, string>; data?: unknown } = {}) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.code = code;
    this.headers = extra.headers ?? {};
    this.data = extra.data ?? null;
  }
}

export function traceIdOf(request: FastifyRequest): string {
  const given = request.headers['x-trace-id'];
  if (typeof given === 'string' && given !== '') return given;
  const made = randomUUID().replaceAll('-', '');
  request.headers['x-trace-id'] = made;
  return made;
}

export function success(request: FastifyRequest, data: unknown, message = 'OK'): Record<string, unknown> {
  return { status: 'success', message, data, error: null, trace_id: traceIdOf(request) };
}

/** `fail` is the caller's fault, `error` the service's; the oversize 401 of contract A is an `error` all the same. */
export function failure(request: FastifyRequest, refusal: Refusal, status: 'fail' | 'error'): Record<string, unknown> {
  return { status, message: refusal.message, data: refusal.data, error: { code: refusal.code }, trace_id: traceIdOf(request) };
}

function refusalFrom(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof ZodError) {
    const [issue] = error.issues;
    const where = issue?.path.join('.') ?? '';
    return new Refusal(422, 'validation_error', `Solicitud inválida${where ? ` (${where})` : ''}`);
  }
  const { statusCode } = error as { statusCode?: number };
  if (statusCode === 413) return new Refusal(413, 'payload_too_large', 'La solicitud es demasiado grande');
  if (statusCode === 415) return new Refusal(415, 'unsupported_media_type', 'Tipo de contenido no soportado');
  if (statusCode !== undefined && statusCode < 500) return new Refusal(statusCode, 'invalid_request', 'Solicitud inválida');
  return new Refusal(500, 'internal_error', 'Error interno del servicio');
}

/** Makes a service answer in envelopes, also for unknown routes and for what it did not expect. */
export function answerInEnvelopes(app: FastifyInstance, log: (line: string) => void): void {
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('x-trace-id', traceIdOf(request));
  });
  app.setErrorHandler((error, request, reply: FastifyReply) => {
    const refusal = refusalFrom(error);
    if (refusal.code === 'internal_error') log(`${request.method} ${request.routeOptions.url ?? '?'}: ${String((error as Error).stack ?? error)}`);
    return reply
      .code(refusal.status)
      .headers(refusal.headers)
      .send(failure(request, refusal, refusal.status >= 500 ? 'error' : 'fail'));
  });
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send(failure(request, new Refusal(404, 'not_found', 'Ruta no encontrada'), 'fail')),
  );
}
