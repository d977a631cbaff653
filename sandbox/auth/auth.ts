import type { RequestListener } from 'node:http';
import { fastify } from 'fastify';
import { z } from 'zod';
import type { SandboxDatabase } from '../database/database.ts';
import { traceIdOf } from '../http/envelope.ts';
import type { Tokens } from '../http/tokens.ts';
import type { Timeouts } from '../options.ts';
import { hashPassword, verifyPassword } from './password.ts';

const loginSchema = z.object({ email: z.string().max(500), password: z.string().max(1000) });
const refreshSchema = z.object({ refresh_token: z.string() });

interface AccountRow {
  id: string;
  email: string;
  name: string;
  system_role: string;
  password_hash: string;
}

/** Auth answers bare JSON, as the gateway does: `{error, message}` when it fails. */
export async function createAuth(deps: { database: SandboxDatabase; tokens: Tokens; timeouts: Timeouts }): Promise<RequestListener> {
  const { database, tokens, timeouts } = deps;
  const app = fastify({ bodyLimit: 64 * 1024 });
  const byEmail = database.prepare('SELECT * FROM accounts WHERE email = ?');
  const byId = database.prepare('SELECT * FROM accounts WHERE id = ?');
  const membershipsOf = database.prepare(
    'SELECT o.id AS org_id, o.code AS org_code, o.name AS org_name, m.role_code FROM memberships m JOIN organizations o ON o.id = m.org_id WHERE m.account_id = ? ORDER BY o.name',
  );
  // Compared with when the account is unknown, so that the time taken does not tell which e-mails exist.
  const nobody = await hashPassword('nobody');
  const unauthorized = { error: 'unauthorized', message: 'Credenciales inválidas o sesión expirada' };

  app.addHook('onRequest', async (request, reply) => {
    void reply.header('x-trace-id', traceIdOf(request));
  });
  app.setErrorHandler((error, _request, reply) => {
    const { statusCode } = error as { statusCode?: number };
    if (error instanceof z.ZodError || (statusCode !== undefined && statusCode < 500)) {
      return reply.code(statusCode ?? 400).send({ error: 'invalid_request', message: 'Solicitud inválida' });
    }
    return reply.code(500).send({ error: 'internal_error', message: 'Error interno del servicio' });
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'not_found', message: 'Ruta no encontrada' }));

  app.get('/auth/health', () => ({ status: 'ok', service: 'heartguard-auth' }));

  app.post('/auth/login/user', async (request, reply) => {
    const { email, password } = loginSchema.parse(request.body);
    const account = byEmail.get(email.trim()) as AccountRow | undefined;
    const right = await verifyPassword(password, account?.password_hash ?? nobody);
    if (!account || !right) return reply.code(401).send(unauthorized);
    const [access, refresh] = await Promise.all([
      tokens.sign(account, 'access', timeouts.accessTokenS),
      tokens.sign(account, 'refresh', timeouts.refreshTokenS),
    ]);
    return {
      access_token: access,
      refresh_token: refresh,
      account_type: 'user',
      user: { id: account.id, email: account.email, name: account.name, system_role: account.system_role, org_count: membershipsOf.all(account.id).length },
    };
  });

  app.post('/auth/refresh', async (request, reply) => {
    const { refresh_token: token } = refreshSchema.parse(request.body);
    const payload = await tokens.read(token, 'refresh');
    const account = payload && (byId.get(payload.user_id) as AccountRow | undefined);
    if (!account) return reply.code(401).send(unauthorized);
    return { access_token: await tokens.sign(account, 'access', timeouts.accessTokenS) };
  });

  app.get('/auth/verify', async (request, reply) => {
    const payload = await tokens.readBearer(request.headers.authorization);
    return payload ? { valid: true, payload } : reply.code(401).send(unauthorized);
  });

  app.get('/auth/me', async (request, reply) => {
    const payload = await tokens.readBearer(request.headers.authorization);
    const account = payload && (byId.get(payload.user_id) as AccountRow | undefined);
    if (!account) return reply.code(401).send(unauthorized);
    return { account_type: 'user', data: { id: account.id, email: account.email, name: account.name, memberships: membershipsOf.all(account.id) } };
  });

  await app.ready();
  return (request, response) => app.routing(request, response);
}
