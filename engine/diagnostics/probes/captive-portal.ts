import { randomBytes } from 'node:crypto';
import type { ProbeResult } from '../../../shared/domain/diagnosis.ts';
import { gatewayAddress } from '../../transport/gateway-address.ts';
import { answerEvidence, failureFinding, redirectedTo } from './answers.ts';
import { ConnectFailure } from './connection.ts';
import { exchange } from './exchange.ts';
import { runProbe, type ProbeContext } from './probe.ts';

/** Sent with the check and expected back as `response <value>`, the way Tailscale's DERP servers do it: a portal that fakes 204s does not know it. */
const challengeHeader = 'x-relevo-challenge';
const responseHeader = 'x-relevo-response';

/**
 * L1 against an address that an administrator named, which answers 204 with nothing in it. One that does not know
 * the challenge may leave it out; one that answers it wrong is somebody else.
 */
export function probeCaptivePortal(context: ProbeContext, url: URL): Promise<ProbeResult> {
  return runProbe(context, { layer: 'L1', kind: 'captive-portal', target: 'network' }, async (signal) => {
    const challenge = randomBytes(12).toString('hex');
    try {
      const answer = await exchange(context, { method: 'GET', url, headers: { [challengeHeader]: challenge }, signal });
      const evidence = answerEvidence(answer, context.clock.now());
      const elsewhere = redirectedTo(answer, url);
      if (elsewhere !== undefined || (answer.status >= 300 && answer.status < 400) || answer.status === 511) {
        return { ...evidence, outcome: 'failed', finding: 'redirected', ...(elsewhere ? { redirectHost: elsewhere } : {}) };
      }
      const response = answer.headers[responseHeader];
      const right = answer.status === 204 && (response === undefined || response === `response ${challenge}`);
      if (right) return { ...evidence, outcome: 'ok' };
      // A server in trouble is not a portal: those answer 2xx or 3xx, for a browser is to show their page.
      return { ...evidence, outcome: 'failed', finding: answer.status < 300 ? 'wrong-challenge' : 'odd-answer' };
    } catch (error) {
      if (error instanceof ConnectFailure) return failureFinding(error);
      throw error;
    }
  });
}

/**
 * L1 without any third party: our own gateway's host is asked in clear, as portals catch it best. Only an answer that
 * leads to another host, or says 511, tells of one; anything else says nothing.
 */
export function probeOwnHostForPortal(context: ProbeContext, gateway: URL): Promise<ProbeResult> {
  const url = new URL(gatewayAddress(gateway, '/health/'));
  if (url.protocol === 'https:') {
    url.port = '';
    url.protocol = 'http:';
  }
  return runProbe(context, { layer: 'L1', kind: 'captive-portal', target: 'network' }, async (signal) => {
    try {
      const answer = await exchange(context, { method: 'GET', url, signal });
      const elsewhere = redirectedTo(answer, url);
      const evidence = { httpStatus: answer.status, phases: answer.phases, bytes: answer.bytes };
      if (elsewhere !== undefined) return { ...evidence, outcome: 'failed', finding: 'redirected', redirectHost: elsewhere };
      return { ...evidence, outcome: 'ok' };
    } catch (error) {
      if (error instanceof ConnectFailure) return failureFinding(error);
      throw error;
    }
  });
}
