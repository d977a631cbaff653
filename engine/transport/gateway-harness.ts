/** @file Transports on a running backend, for the conformance suite. Knows the backend only by what is handed in. */
import { z } from 'zod';
import type { Limits } from '../../shared/domain/account.ts';
import { systemClock } from '../clock.ts';
import { silentLogger } from '../logging/logger.ts';
import { systemRandom } from '../random.ts';
import { createFaultyHttp, type FaultyHttp } from './faulty-http.ts';
import { createGatewayClient } from './gateway-json.ts';
import type { GatewayClient, TokenSource } from './gateway-client.ts';
import { createGatewayPhotoTransport } from './gateway-photo.ts';
import type { HttpRequest } from './http.ts';
import { createNodeHttp } from './node-http.ts';
import { createOwnKeysTransport } from './own-keys.ts';
import type { S3Target } from './s3-calls.ts';
import type { Transport } from './transport.ts';
import { createUploadSessionsTransport } from './upload-sessions.ts';

/** A running backend, as whoever started it sees it. */
export interface Backend {
  gateway: string;
  email: string;
  password: string;
  patients: readonly { id: string }[];
}

export interface SignedIn {
  http: FaultyHttp;
  client: GatewayClient;
  tokens: TokenSource & { spoil(): void };
  orgOf(patientId: string): string | undefined;
}

const login = z.object({ access_token: z.string(), refresh_token: z.string() });
const memberships = z.object({ memberships: z.array(z.object({ org_id: z.string() })) });
const none: TokenSource = { accessToken: () => Promise.reject(new Error('no token')), rejected: async () => 'expired' };

/** Signs in, and can spoil the access token as its end would. */
export async function signIn(backend: Backend): Promise<SignedIn> {
  const http = createFaultyHttp(createNodeHttp());
  const parts = { gatewayUrl: backend.gateway, http, clock: systemClock, random: systemRandom, log: silentLogger };
  const plain = createGatewayClient({ ...parts, tokens: none });
  const credentials = { email: backend.email, password: backend.password };
  const session = await plain.call({ method: 'POST', path: '/auth/login/user', body: credentials, auth: 'none', idempotent: true, answer: login });
  let token = session.access_token;
  const refresh = () => plain.call({ method: 'POST', path: '/auth/refresh', body: { refresh_token: session.refresh_token }, auth: 'none', idempotent: true, answer: z.object({ access_token: z.string() }) });
  const tokens = {
    accessToken: async () => token,
    async rejected(refused: string) {
      if (refused !== token) return 'refreshed' as const;
      const answer = await http.send({ method: 'GET', url: `${backend.gateway}/auth/verify`, headers: { authorization: `Bearer ${token}` }, endpoint: 'gateway', deadlines: { connectMs: 5_000, stallMs: 5_000 } });
      if (answer.status === 200) return 'still-valid' as const;
      token = (await refresh()).access_token;
      return 'refreshed' as const;
    },
    spoil() { token = 'ended'; },
  };
  const client = createGatewayClient({ ...parts, tokens });
  const orgs = await client.call({ method: 'GET', path: '/user/users/me/org-memberships', auth: 'token', idempotent: true, answer: memberships });
  return { http, client, tokens, orgOf: () => orgs.memberships[0]?.org_id };
}

export function uploadSessions(backend: Backend, { client, http }: SignedIn, partBytes: number): Transport {
  return createUploadSessionsTransport({ client, http, at: backend.gateway, limits: limitsOf('upload-sessions', 1024 ** 3, partBytes), clock: systemClock });
}

export function gatewayPhoto(backend: Backend, { client, http, orgOf }: SignedIn): Transport {
  const bytes = 5 * 1024 ** 2 - 1024;
  return createGatewayPhotoTransport({ client, http, at: backend.gateway, limits: limitsOf('gateway-photo', bytes, bytes), clock: systemClock, orgOf });
}

export function ownKeys(http: FaultyHttp, target: S3Target): Transport {
  return createOwnKeysTransport({ http, clock: systemClock, target, limits: { partBytes: 5 * 1024 ** 2 } });
}

function limitsOf(contract: Limits['contract'], maxFileBytes: number, partBytes: number): Limits {
  return { contract, maxFileBytes, acceptedTypes: ['image/jpeg', 'image/png', 'image/webp'], partBytes, maxPartsInFlight: 4, learntAt: 0 };
}

type Step = 'open' | 'part' | 'complete';

const sessionCalls: Record<Step, (request: HttpRequest) => boolean> = {
  open: ({ method, url }) => method === 'POST' && url.endsWith('/uploads'),
  part: ({ method, endpoint }) => method === 'PUT' && endpoint === 'spaces',
  complete: ({ url }) => url.endsWith('/complete'),
};
/** Nothing is asked to open, and to complete only what the answer to the part did not say. */
const photoCalls: Partial<typeof sessionCalls> = {
  part: ({ method, url }) => method === 'PUT' && url.endsWith('/photo'),
};
const s3Calls: Record<Step, (request: HttpRequest) => boolean> = {
  open: ({ method, url }) => method === 'POST' && /\?uploads/.test(url),
  part: ({ method }) => method === 'PUT',
  complete: ({ method, url }) => method === 'POST' && /[?&]uploadId=/.test(url),
};

/** Loses the answer to the next call of a step. */
export function loser(http: FaultyHttp, name: Transport['name']): (step: Step) => void {
  const calls: Partial<typeof sessionCalls> = { 'upload-sessions': sessionCalls, 'gateway-photo': photoCalls, 'own-keys': s3Calls }[name];
  return (step) => {
    http.mend();
    const matches = calls[step];
    if (matches) http.next(matches, { kind: 'answer-lost', reason: 'reset' });
  };
}

/** For calls whose answer nobody needs. */
export const anything = z.unknown();
