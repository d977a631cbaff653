/** @file L0 without any command: interfaces, disk, and the source address that the system would send from. */
import { createSocket } from 'node:dgram';
import { statfs } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import type { ProbeResult } from '../../../shared/domain/diagnosis.ts';
import { errnoOf } from './connection-errors.ts';
import { ProbeBroke, runProbe, type ProbeContext, type ProbeFinding } from './probe.ts';

export function probeInterfaces(context: ProbeContext): Promise<ProbeResult> {
  return runProbe(context, { layer: 'L0', kind: 'interfaces', target: 'computer' }, async (): Promise<ProbeFinding> => {
    // The system lists interfaces only while they are up and have an address. A link-local one alone leads nowhere.
    const up = Object.values(networkInterfaces()).filter((addresses) =>
      (addresses ?? []).some((one) => !one.internal && !one.address.startsWith('169.254.') && !one.address.toLowerCase().startsWith('fe80:')));
    return up.length > 0 ? { outcome: 'ok', interfacesUp: up.length } : { outcome: 'failed', finding: 'no-interface', interfacesUp: 0 };
  });
}

/** @param folder where photos wait; @param lowBytes below this it counts as low. */
export function probeDisk(context: ProbeContext, folder: string, lowBytes: number): Promise<ProbeResult> {
  return runProbe(context, { layer: 'L0', kind: 'disk', target: 'computer' }, async (): Promise<ProbeFinding> => {
    const { bavail, bsize } = await statfs(folder);
    const freeBytes = bavail * bsize;
    return freeBytes < lowBytes ? { outcome: 'failed', finding: 'low', freeBytes } : { outcome: 'ok', freeBytes };
  });
}

/** Addresses set aside for documentation (RFC 5737, RFC 3849): they lead the way the default route does, and to nobody. */
export const anywhere: Record<4 | 6, string> = { 4: '198.51.100.1', 6: '2001:db8::1' };

const noRouteErrors: ReadonlySet<string> = new Set(['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENETDOWN']);

/** L0: a UDP `connect` asks the system for route and source address and sends nothing. */
export function probeSourceAddress(context: ProbeContext, family: 4 | 6): Promise<ProbeResult> {
  return runProbe(context, { layer: 'L0', kind: 'source-address', target: 'network', family }, (signal) => new Promise<ProbeFinding>((resolve, reject) => {
    const socket = createSocket(family === 4 ? 'udp4' : 'udp6');
    const end = (finish: () => void): void => {
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      try { socket.close(); } catch { /* Never bound: there is nothing to close. */ }
      finish();
    };
    const failed = (error: Error): void => {
      const errno = errnoOf(error);
      if (errno !== undefined && noRouteErrors.has(errno)) end(() => resolve({ outcome: 'failed', finding: 'no-route', errno }));
      else end(() => reject(error));
    };
    socket.once('error', failed);
    signal.addEventListener('abort', () => end(() => reject(new ProbeBroke('did not end within its time limit'))), { once: true });
    socket.connect(9, anywhere[family], (error?: Error) => {
      if (error) { failed(error); return; }
      try {
        const { address } = socket.address();
        end(() => resolve({ outcome: 'ok', address }));
      } catch (caught) {
        failed(caught as Error);
      }
    });
  }));
}
