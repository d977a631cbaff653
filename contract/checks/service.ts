/** @file The gateway and its services as such: health, envelopes, trace ids, and which contract it is. */
import { randomUUID } from 'node:crypto';
import { createNegotiation } from '../../engine/account/negotiation.ts';
import { silentLogger } from '../../engine/logging/logger.ts';
import type { KeyValueStore } from '../../engine/queue/upload-store.ts';
import { answerError } from '../../engine/transport/wire.ts';
import type { Check } from '../check.ts';
import { expectBare, expectBareRefusal, expectEnvelope, expectKeys, expectStatus, holds, kindOf, told } from '../expectations.ts';

const noStore: KeyValueStore = { get: () => undefined, set() {}, delete() {} };

/** Of these none needs a token. */
export const publicChecks: readonly Check[] = [
  {
    id: 'health', kind: 'reads',
    holds: {
      en: 'The gateway says that it is well, in bare JSON.',
      es: 'La pasarela dice que está bien, en JSON sin envoltorio.',
    },
    async run(stage) {
      const answer = await stage.ask({ method: 'GET', path: '/health/' });
      expectStatus(answer, 200);
      const { status, service } = expectBare(answer, ['status', 'service', 'timestamp', 'debug']);
      holds(status === 'ok', 'status "ok"', 'status: another');
      holds(service === 'heartguard-gateway', 'service "heartguard-gateway"', 'service: another');
    },
  },
  {
    id: 'health-redirect', kind: 'reads',
    holds: {
      en: 'Without the slash at its end, the health address redirects to the one with it.',
      es: 'Sin la barra final, la dirección de salud redirige a la que la lleva.',
    },
    async run(stage) {
      const answer = await stage.ask({ method: 'GET', path: '/health' });
      expectStatus(answer, 301, 302, 307, 308);
      const { location = '' } = answer.http.headers;
      const from = `${stage.gateway}/health`;
      holds(URL.canParse(location, from) && new URL(location, from).pathname === new URL(`${from}/`).pathname, 'location: /health/', 'location: elsewhere');
    },
  },
  {
    id: 'media-health', kind: 'reads',
    holds: {
      en: 'The media service says that it is well, in an envelope, and names the address under which photos are public.',
      es: 'El servicio de medios dice que está bien, en un envoltorio, y nombra la dirección pública de las fotos.',
    },
    async run(stage) {
      const answer = await stage.ask({ method: 'GET', path: '/media/health' });
      expectStatus(answer, 200);
      const { service, status, cdn_base_url: base } = expectEnvelope(answer, ['service', 'status', 'cdn_base_url']);
      holds(service === 'media-service', 'data.service "media-service"', 'data.service: another');
      holds(status === 'healthy', 'data.status "healthy"', 'data.status: another');
      holds(typeof base === 'string' && URL.canParse(base), 'data.cdn_base_url: address', `data.cdn_base_url: ${kindOf(base)}`);
    },
  },
  {
    id: 'gateway-refusal', kind: 'reads',
    holds: {
      en: 'A route that the gateway does not have is answered by itself: 404 with an error code, in bare JSON.',
      es: 'Una ruta que la pasarela no tiene la contesta ella misma: 404 con un código de error, en JSON sin envoltorio.',
    },
    async run(stage) {
      expectBareRefusal(await stage.ask({ method: 'GET', path: '/no-such-route' }), 404);
    },
  },
];

export const serviceChecks: readonly Check[] = [
  {
    id: 'service-refusal', kind: 'reads',
    holds: {
      en: 'A service refuses in an envelope, with a code, without data, and with the trace id that was sent.',
      es: 'Un servicio rechaza en un envoltorio, con un código, sin datos y con el identificador de traza enviado.',
    },
    async run(stage) {
      const answer = await stage.get(`/user/orgs/${randomUUID()}/care-team-patients`);
      holds(answer.http.status >= 400 && answer.http.status <= 499, '4xx', told(answer));
      const body = expectKeys(answer.json, 'body', ['status', 'message', 'data', 'error', 'trace_id']);
      holds(body.status === 'fail' || body.status === 'error', 'status "fail" / "error"', 'status: another');
      holds(body.data === null, 'data null', `data: ${kindOf(body.data)}`);
      expectKeys(body.error, 'error', ['code']);
      holds(answerError(answer.http).code !== 'malformed', 'error.code', 'error.code: unreadable');
      holds(body.trace_id === answer.traceId, 'trace_id = X-Trace-ID', 'trace_id: another');
    },
  },
  {
    id: 'trace-id', kind: 'reads',
    holds: {
      en: 'The trace id that was sent comes back in the envelope.',
      es: 'El identificador de traza enviado vuelve en el envoltorio.',
    },
    async run(stage) {
      const answer = await stage.ask({ method: 'GET', path: '/media/health' });
      const { trace_id: traceId } = expectKeys(answer.json, 'body', ['trace_id']);
      holds(traceId === answer.traceId, 'trace_id = X-Trace-ID', 'trace_id: another');
    },
  },
  {
    id: 'no-sessions', kind: 'reads',
    holds: {
      en: 'Asked for upload sessions, the backend answers 404 in its own words, and the product takes it for contract A.',
      es: 'Preguntado por sesiones de subida, el sistema contesta 404 con sus propias palabras, y el producto lo toma por el contrato A.',
    },
    async run(stage) {
      const answer = await stage.get('/media/capabilities');
      expectStatus(answer, 404);
      holds(answerError(answer.http).code !== 'malformed', '404 in an envelope or in bare JSON', told(answer));
      const limits = await createNegotiation({ store: noStore, clock: stage.clock, log: silentLogger }).ask(stage.gateway, stage.product.calls);
      holds(limits?.contract === 'gateway-photo', 'contract gateway-photo', `contract ${limits?.contract ?? 'unknown'}`);
    },
  },
];
