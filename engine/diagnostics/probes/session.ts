/** @file L6: what the gateway and the media service say to somebody who is signed in. */
import { z } from 'zod';
import type { ProbeResult, ReadinessCheck } from '../../../shared/domain/diagnosis.ts';
import { gatewayAddress } from '../../transport/gateway-address.ts';
import { answerEvidence, failureFinding, readBackendAnswer } from './answers.ts';
import { ConnectFailure } from './connection.ts';
import { exchange, type ExchangeAnswer } from './exchange.ts';
import { runProbe, Skipped, type ProbeContext, type ProbeFinding, type ProbeName } from './probe.ts';

/** Past its time and not to be renewed just now: that it is refused says nothing of the session, while other answers say what they always do. */
export interface DueToken { due: string }

/** The last one of a session that is over: whatever a server still says to it, nothing is sent until somebody signs in. */
export interface EndedToken { ended: string }

/** The access token as an upload would show it now; nothing while nobody is signed in. */
export type PresentToken = (signal: AbortSignal) => Promise<string | DueToken | EndedToken | undefined>;

export const dueForRenewal = 'the access token is due for renewal';

/** One request as whoever is signed in. @throws Skipped, ConnectFailure */
async function askSigned(context: ProbeContext, gateway: URL, path: string, shown: Awaited<ReturnType<PresentToken>>, signal: AbortSignal): Promise<ExchangeAnswer> {
  if (shown === undefined) throw new Skipped('nobody is signed in');
  const text = typeof shown === 'string' ? shown : 'due' in shown ? shown.due : shown.ended;
  const answer = await exchange(context, { method: 'GET', url: new URL(gatewayAddress(gateway, path)), headers: { authorization: `Bearer ${text}` }, signal });
  if (typeof shown === 'object' && 'due' in shown && answer.status === 401) throw new Skipped(dueForRenewal);
  return answer;
}

export function probeAuth(context: ProbeContext, gateway: URL, token: PresentToken): Promise<ProbeResult> {
  return ask(context, { layer: 'L6', kind: 'auth', target: 'gateway' }, async (signal) => {
    const shown = await token(signal);
    if (typeof shown === 'object' && 'ended' in shown) return { outcome: 'failed', finding: 'session-ended' };
    const answer = await askSigned(context, gateway, '/auth/verify', shown, signal);
    const good = answer.status === 200 && readBackendAnswer(answer).hop !== 'proxy';
    return { ...answerEvidence(answer, context.clock.now()), outcome: good ? 'ok' : 'failed', ...(good ? {} : { finding: 'odd-answer' as const }) };
  });
}

/** Python's services name an errno by its number, others by its word. Linux numbers. */
const errnoNames: Record<number, string> = { 13: 'EACCES', 28: 'ENOSPC', 101: 'ENETUNREACH', 104: 'ECONNRESET', 110: 'ETIMEDOUT', 111: 'ECONNREFUSED', 113: 'EHOSTUNREACH' };
const errnoSchema = z.union([z.string().regex(/^[\w.-]{1,50}$/), z.number().int()]).transform((errno) => (typeof errno === 'number' ? errnoNames[errno] ?? `E${errno}` : errno));

const readinessSchema = z.object({
  checks: z.array(z.object({
    name: z.string().regex(/^[\w.-]{1,50}$/),
    ok: z.boolean(),
    latency_ms: z.number().nullish(),
    errno: errnoSchema.nullish().catch(undefined),
    http_status: z.number().int().nullish(),
    on_link: z.boolean().nullish(),
  })).max(20),
});

export function probeReadiness(context: ProbeContext, gateway: URL, token: PresentToken): Promise<ProbeResult> {
  return ask(context, { layer: 'L6', kind: 'readyz', target: 'media' }, async (signal) => {
    const answer = await askSigned(context, gateway, '/media/readyz', await token(signal), signal);
    const evidence = answerEvidence(answer, context.clock.now());
    if (answer.status === 404) throw new Skipped('this backend has no deep health check (404), as on the HeartGuard contract');
    const parsed = readinessSchema.safeParse(readBackendAnswer(answer).data);
    // A service that is not ready may say so with 503 and still tell why.
    if (!parsed.success) return { ...evidence, outcome: 'failed', finding: 'odd-answer' };
    const checks = parsed.data.checks.map((check): ReadinessCheck => ({
      name: check.name, ok: check.ok,
      ...(check.latency_ms == null ? {} : { latencyMs: check.latency_ms }), ...(check.errno == null ? {} : { errno: check.errno }),
      ...(check.http_status == null ? {} : { httpStatus: check.http_status }), ...(check.on_link == null ? {} : { onLink: check.on_link }),
    }));
    const good = checks.every((check) => check.ok);
    return { ...evidence, outcome: good ? 'ok' : 'failed', checks, answeringHop: 'media', ...(good ? {} : { finding: 'check-failed' as const }) };
  });
}

function ask(context: ProbeContext, name: ProbeName, run: (signal: AbortSignal) => Promise<ProbeFinding>): Promise<ProbeResult> {
  return runProbe(context, name, async (signal) => {
    try {
      return await run(signal);
    } catch (error) {
      if (error instanceof ConnectFailure) return failureFinding(error);
      throw error;
    }
  });
}
