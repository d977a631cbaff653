import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { assertNever } from '../../shared/assert-never.ts';
import { cutBody, slowBody } from '../net/body-tap.ts';
import type { RequestLog } from '../net/request-log.ts';
import type { ServiceName } from '../options.ts';
import { answerFor, s3Error, webPage } from './answers.ts';
import { dripAnswer, headersOverAnswer, replaceAnswer, truncateAnswer } from './answer-tap.ts';
import type { FaultEffect } from './fault.ts';
import type { FaultRegistry } from './registry.ts';

interface Exchange {
  service: ServiceName;
  request: IncomingMessage;
  response: ServerResponse;
  /** Hands the exchange to the real handler. */
  proceed: () => void;
}

/** Wraps the real handler of a service: every request is logged, and met by the faults that are set. */
export function withFaults(service: ServiceName, faults: FaultRegistry, log: RequestLog, handler: RequestListener): RequestListener {
  return (request, response) => {
    const name = log.follow(service, request, response);
    const effects = faults.take(service, request.method ?? '', request.url ?? '');
    if (effects.length === 0) return handler(request, response);
    name(effects.map(({ kind }) => kind).join('+'));
    let step = 0;
    const proceed = (): void => {
      const effect = effects[step++];
      if (effect) apply(effect, { service, request, response, proceed });
      else handler(request, response);
    };
    proceed();
  };
}

function send(response: ServerResponse, status: number, type: string, body: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': type, 'content-length': String(Buffer.byteLength(body)), ...headers });
  response.end(body);
}

/** What goes wrong in the work on a body, or behind whoever took it. Everything else a server knows when it has read the head. */
const afterTheBody = new Set([500, 502, 504]);

/** Answers instead of the real handler: after it (`applied`), or by the head alone where the client asks first, or when the body has been read. */
function answerInstead(exchange: Exchange, status: number, applied: boolean, answer: () => void): void {
  const { request, response, proceed } = exchange;
  if (!applied && status >= 400 && !afterTheBody.has(status) && request.headers.expect === '100-continue') {
    answer();
    return;
  }
  if (applied) {
    replaceAnswer(response, answer);
    proceed();
    return;
  }
  // Answering early would reset the connection under a body that is still coming, and hide the status.
  request.once('end', answer);
  request.resume();
}

function apply(effect: FaultEffect, exchange: Exchange): void {
  const { service, request, response, proceed } = exchange;
  const reset = (): void => {
    request.socket.resetAndDestroy();
  };
  switch (effect.kind) {
    case 'status': {
      const traceId = request.headers['x-trace-id'];
      const given = effect.body;
      const { type, body } =
        given === undefined
          ? answerFor(service, effect.status, typeof traceId === 'string' ? traceId : undefined)
          : typeof given === 'string'
            ? { type: 'text/plain', body: given }
            : { type: 'application/json', body: JSON.stringify(given) };
      return answerInstead(exchange, effect.status, effect.applied, () => send(response, effect.status, type, body, effect.headers));
    }
    case 'delay': {
      const timer = setTimeout(proceed, effect.ms);
      response.once('close', () => clearTimeout(timer));
      return;
    }
    case 'hang':
      request.resume();
      return;
    case 'reset-before-body':
      return reset();
    case 'reset-mid-body':
      cutBody(request, effect.afterBytes, reset);
      return proceed();
    case 'reset-after-body':
      replaceAnswer(response, reset);
      return proceed();
    case 'half-open':
      return;
    case 'stall-after':
      cutBody(request, effect.bytes, () => undefined);
      return proceed();
    case 'truncate-answer':
      truncateAnswer(response, effect.bytes);
      return proceed();
    case 'malformed-json':
      return answerInstead(exchange, 200, effect.applied, () => send(response, 200, 'application/json', '{"status":"success","data":{"uplo'));
    case 'html':
      return answerInstead(exchange, effect.status, effect.applied, () => send(response, effect.status, 'text/html; charset=utf-8', webPage));
    case 'slow-drip':
      if (effect.direction === 'body') slowBody(request, effect.bytesPerSecond);
      else dripAnswer(response, effect.bytesPerSecond);
      return proceed();
    case 'rate-limited': {
      const status = service === 'spaces' ? 503 : 429;
      const { type, body } = answerFor(service, status, undefined);
      return answerInstead(exchange, status, false, () => send(response, status, type, body, { 'retry-after': String(effect.retryAfter) }));
    }
    case 's3-error-in-200': {
      const { type, body } = s3Error(effect.code);
      return answerInstead(exchange, 200, effect.applied, () => send(response, 200, type, body));
    }
    case 'headers':
      headersOverAnswer(response, effect.headers);
      return proceed();
    case 'refuse':
      // The listener keeps the port closed; see FaultRegistry.
      return proceed();
    default:
      return assertNever(effect);
  }
}
