import type { ProbeResult, ProbeTarget } from '../../../shared/domain/diagnosis.ts';
import { answerEvidence, failureFinding, readBackendAnswer, redirectedTo } from './answers.ts';
import { ConnectFailure } from './connection.ts';
import { exchange, type ExchangeAnswer } from './exchange.ts';
import { runProbe, type ProbeContext, type ProbeFinding } from './probe.ts';

/** L5: does the target answer as itself? Also tells the server's clock and whether a proxy was on the way. */
export function probeHttp(context: ProbeContext, target: Extract<ProbeTarget, 'gateway' | 'media' | 'spaces' | 'control'>, url: URL): Promise<ProbeResult> {
  return runProbe(context, { layer: 'L5', kind: 'http', target }, async (signal) => {
    try {
      const answer = await exchange(context, { method: 'GET', url, headers: { accept: 'application/json, */*;q=0.5' }, signal });
      return judge(target, url, answer, context.clock.now());
    } catch (error) {
      if (error instanceof ConnectFailure) return failureFinding(error);
      throw error;
    }
  });
}

function judge(target: ProbeTarget, url: URL, answer: ExchangeAnswer, now: number): ProbeFinding {
  const evidence = answerEvidence(answer, now);
  if (answer.status === 407) return { ...evidence, outcome: 'failed', finding: 'proxy-auth', answeringHop: 'proxy' };
  const elsewhere = redirectedTo(answer, url);
  if (elsewhere !== undefined) return { ...evidence, outcome: 'failed', finding: 'redirected', redirectHost: elsewhere, answeringHop: 'proxy' };
  switch (target) {
    case 'gateway':
    case 'media': {
      // A page of somebody in between may well come as 200.
      const hop = readBackendAnswer(answer).hop;
      return answer.status === 200 && hop !== 'proxy' ? { ...evidence, outcome: 'ok' } : { ...evidence, outcome: 'failed', finding: 'odd-answer' };
    }
    case 'spaces': {
      // Anybody who is not signed in is refused, and a refusal is an answer of Spaces all the same.
      const good = answer.status < 500 && answer.status !== 429;
      return good ? { ...evidence, outcome: 'ok', answeringHop: 'spaces' } : { ...evidence, outcome: 'failed', finding: 'odd-answer', answeringHop: 'spaces' };
    }
    default:
      return { ...evidence, outcome: answer.status < 500 ? 'ok' : 'failed' };
  }
}
