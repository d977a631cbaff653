import type { PeerCertificate } from 'node:tls';
import type { ProbeResult, ProbeTarget } from '../../../shared/domain/diagnosis.ts';
import { failureFinding } from './answers.ts';
import { ConnectFailure, openConnection } from './connection.ts';
import { findingOf } from './connection-errors.ts';
import { exchangeOn, isSecure } from './exchange.ts';
import { ProbeBroke, runProbe, Skipped, type ProbeContext } from './probe.ts';

/**
 * L4: the certificate, looked at whether it is trusted or not. Where it is not, one bare request without any
 * credentials asks the server for its `Date`, for a wrong clock here makes good certificates look bad.
 */
export function probeTls(context: ProbeContext, target: ProbeTarget, url: URL): Promise<ProbeResult> {
  return runProbe(context, { layer: 'L4', kind: 'tls', target }, async (signal) => {
    if (url.protocol !== 'https:') throw new Skipped('the address is not https');
    try {
      const trusted = context.trust.context();
      let seen = await look(context, url, signal);
      if (seen.certificate.error !== undefined && findingOf(seen.certificate.error) === 'certificate-untrusted' && await context.trust.renewed(trusted)) {
        seen.socket.destroy();
        seen = await look(context, url, signal);
      }
      const { connection, socket, certificate } = seen;
      connection.phases.total = context.clock.monotonic() - connection.startedAt;
      const phases = { ...connection.phases };
      if (certificate.error === undefined) {
        socket.destroy();
        return { outcome: 'ok', certificate, phases, proxyUsed: connection.proxyUsed, bytes: socket.bytesRead + socket.bytesWritten };
      }
      const dateOffsetMs = await exchangeOn(context, connection, { method: 'HEAD', url, signal }).then((answer) => answer.dateOffsetMs, () => undefined);
      return {
        outcome: 'failed', finding: expired(certificate, context.clock.now() + (dateOffsetMs ?? 0)) ? 'certificate-expired' : findingOf(certificate.error),
        errno: certificate.error, certificate, phases, proxyUsed: connection.proxyUsed, bytes: socket.bytesRead + socket.bytesWritten,
        ...(dateOffsetMs === undefined ? {} : { dateOffsetMs }),
      };
    } catch (error) {
      if (error instanceof ConnectFailure) return failureFinding(error);
      throw error;
    }
  });
}

async function look(context: ProbeContext, url: URL, signal: AbortSignal) {
  const connection = await openConnection(context, url, { verify: false, signal });
  const { socket } = connection;
  if (!isSecure(socket)) throw new ProbeBroke('no secure socket');
  return { connection, socket, certificate: describe(socket.getPeerCertificate(), certificateError(socket.authorizationError)) };
}

interface CertificateFacts { notAfter?: number; issuer?: string; error?: string }

/** A certificate that is both untrusted and expired is untrusted first: its dates were written by a stranger. */
function expired(certificate: CertificateFacts, now: number): boolean {
  return certificate.error === 'CERT_HAS_EXPIRED' || certificate.error === 'CERT_NOT_YET_VALID'
    || (findingOf(certificate.error) === 'connect-error' && certificate.notAfter !== undefined && certificate.notAfter < now);
}

/** Declared as an Error, and a string at run time (Node 24); read as either. */
function certificateError(error: unknown): string | undefined {
  if (error === null || error === undefined || error === '') return undefined;
  if (typeof error === 'string') return error.slice(0, 60);
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code.slice(0, 60) : 'CERT_REJECTED';
}

function describe(peer: PeerCertificate | Record<string, never>, error: string | undefined): CertificateFacts {
  const notAfter = Date.parse(String(peer.valid_to ?? ''));
  const issuer = peer.issuer as { O?: string | string[]; CN?: string | string[] } | undefined;
  const name = [issuer?.CN ?? issuer?.O].flat()[0];
  return {
    ...(Number.isNaN(notAfter) ? {} : { notAfter: Math.max(0, notAfter) }),
    ...(typeof name === 'string' ? { issuer: name.slice(0, 200) } : {}),
    ...(error === undefined ? {} : { error }),
  };
}
