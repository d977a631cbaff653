import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { performance } from 'node:perf_hooks';
import { S3ServiceException } from '@aws-sdk/client-s3';
import type { SandboxDatabase } from '../database/database.ts';
import { incidentAddress, type SpacesLink } from './link.ts';
import type { SpacesClient } from './spaces-client.ts';

export interface Check {
  name: 'spaces' | 'database';
  ok: boolean;
  latency_ms: number;
  errno?: string;
  http_status?: number;
  address?: string;
  /** Whether this machine's routes take the address for a neighbour on its own link. */
  on_link?: boolean;
}

/** Asks Spaces and the database for real. */
export async function checkReadiness(deps: { spaces: SpacesClient; link: SpacesLink; endpoint: string; database: SandboxDatabase }): Promise<Check[]> {
  return Promise.all([checkSpaces(deps), Promise.resolve(checkDatabase(deps.database))]);
}

async function checkSpaces({ spaces, link, endpoint }: { spaces: SpacesClient; link: SpacesLink; endpoint: string }): Promise<Check> {
  const startedAt = performance.now();
  const done = (): number => Math.round((performance.now() - startedAt) * 10) / 10;
  const where = await locate(link, endpoint);
  try {
    await spaces.probe();
    return { name: 'spaces', ok: true, latency_ms: done(), http_status: 200, ...where };
  } catch (error) {
    const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
    const { code, name } = error as { code?: unknown; name?: unknown };
    const errno = typeof code === 'string' ? code : name === 'TimeoutError' ? 'ETIMEDOUT' : undefined;
    return {
      name: 'spaces',
      ok: false,
      latency_ms: done(),
      ...(status === undefined ? { errno: errno ?? 'EUNKNOWN' } : { http_status: status }),
      ...where,
    };
  }
}

function checkDatabase(database: SandboxDatabase): Check {
  const startedAt = performance.now();
  let errno: string | undefined;
  try {
    database.prepare('SELECT count(*) FROM settings').get();
  } catch (error) {
    errno = (error as NodeJS.ErrnoException).code ?? 'EUNKNOWN';
  }
  return { name: 'database', ok: errno === undefined, latency_ms: Math.round((performance.now() - startedAt) * 10) / 10, ...(errno ? { errno } : {}) };
}

async function locate(link: SpacesLink, endpoint: string): Promise<{ address?: string; on_link?: boolean }> {
  if (link.fault === 'on-link') return { address: incidentAddress, on_link: true };
  try {
    const { address } = await lookup(new URL(endpoint).hostname.replace(/^\[|\]$/g, ''));
    const onLink = await isOnLink(address);
    return { address, ...(onLink === undefined ? {} : { on_link: onLink }) };
  } catch {
    return {};
  }
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
}

/** By Linux's table of IPv4 routes (addresses in the machine's byte order, little-endian); undefined where there is none. */
async function isOnLink(address: string): Promise<boolean | undefined> {
  if (isIP(address) !== 4) return undefined;
  if (address.startsWith('127.')) return false;
  let table: string;
  try {
    table = await readFile('/proc/net/route', 'utf8');
  } catch {
    return undefined;
  }
  const swap = (hex: string): number => Buffer.from(hex, 'hex').readUInt32LE();
  const wanted = toNumber(address);
  let best: { mask: number; onLink: boolean } | undefined;
  for (const line of table.trim().split('\n').slice(1)) {
    const [, destination = '', gateway = '', , , , , maskHex = ''] = line.split(/\s+/);
    const mask = swap(maskHex);
    if ((wanted & mask) >>> 0 !== swap(destination)) continue;
    if (!best || mask > best.mask) best = { mask, onLink: swap(gateway) === 0 };
  }
  return best?.onLink;
}
