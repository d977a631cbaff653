import type { FastifyRequest } from 'fastify';
import type { SandboxDatabase } from '../database/database.ts';
import { Refusal } from './envelope.ts';
import type { Tokens } from './tokens.ts';

export interface Account {
  id: string;
  systemRole: string;
}

/** Who asks, and what they may see: shared by user and media, which both check the token themselves. */
export class Accounts {
  readonly #tokens: Tokens;
  readonly #byId;
  readonly #mayReach;

  constructor(database: SandboxDatabase, tokens: Tokens) {
    this.#tokens = tokens;
    this.#byId = database.prepare('SELECT id, system_role AS systemRole FROM accounts WHERE id = ?');
    this.#mayReach = database.prepare(
      'SELECT EXISTS (SELECT 1 FROM memberships m WHERE m.org_id = p.org_id AND m.account_id = ?) AS allowed FROM patients p WHERE p.id = ?',
    );
  }

  /** @throws Refusal 401 `unauthorized` */
  async require(request: FastifyRequest): Promise<Account> {
    const payload = await this.#tokens.readBearer(request.headers.authorization);
    const account = payload && (this.#byId.get(payload.user_id) as Account | undefined);
    if (!account) throw new Refusal(401, 'unauthorized', 'Token inválido o expirado');
    return account;
  }

  /** @throws Refusal 404 `entity_not_found`, 403 `forbidden` */
  requirePatient(account: Account, patientId: string): void {
    const row = this.#mayReach.get(account.id, patientId) as { allowed: number } | undefined;
    if (!row) throw new Refusal(404, 'entity_not_found', `No se encontró el paciente con ID ${patientId}`);
    if (row.allowed === 0 && account.systemRole !== 'superadmin') throw new Refusal(403, 'forbidden', 'No tiene acceso a este paciente');
  }
}
