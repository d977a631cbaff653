import type { RequestListener } from 'node:http';
import { fastify } from 'fastify';
import type { SandboxDatabase } from '../database/database.ts';
import { Accounts, type Account } from '../http/accounts.ts';
import { answerInEnvelopes, Refusal, success } from '../http/envelope.ts';
import type { Tokens } from '../http/tokens.ts';

interface PatientRow {
  id: string;
  org_id: string;
  name: string;
  email: string;
  risk_code: string;
  risk_label: string;
  profile_photo_url: string | null;
}

function presentPatient({ id, name, email, risk_code, risk_label }: PatientRow): Record<string, unknown> {
  return { id, name, email, risk_level: { code: risk_code, label: risk_label } };
}

/** Memberships, care teams and patients of whoever asks. */
export async function createUser(deps: { database: SandboxDatabase; tokens: Tokens; log: (line: string) => void }): Promise<RequestListener> {
  const { database, tokens, log } = deps;
  const app = fastify({ bodyLimit: 64 * 1024 });
  const accounts = new Accounts(database, tokens);
  answerInEnvelopes(app, log);

  const memberships = database.prepare(
    `SELECT o.id AS org_id, o.code AS org_code, o.name AS org_name, m.role_code, m.role_label, m.joined_at
     FROM memberships m JOIN organizations o ON o.id = m.org_id WHERE m.account_id = ? ORDER BY o.name`,
  );
  const organization = database.prepare('SELECT id, code, name FROM organizations WHERE id = ?');
  const membership = database.prepare('SELECT 1 FROM memberships WHERE account_id = ? AND org_id = ?');
  const careTeams = database.prepare(
    `SELECT t.id, t.name FROM care_teams t WHERE t.org_id = @org
     AND (@everything OR EXISTS (SELECT 1 FROM care_team_members m WHERE m.team_id = t.id AND m.account_id = @account)) ORDER BY t.name`,
  );
  const teamMembers = database.prepare('SELECT a.id, a.name, a.email FROM care_team_members m JOIN accounts a ON a.id = m.account_id WHERE m.team_id = ? ORDER BY a.name');
  const teamPatients = database.prepare('SELECT p.* FROM care_team_patients c JOIN patients p ON p.id = c.patient_id WHERE c.team_id = ? ORDER BY p.name');
  const patientsInCare = database.prepare('SELECT p.* FROM caregivers c JOIN patients p ON p.id = c.patient_id WHERE c.account_id = ? ORDER BY p.name');
  const patient = database.prepare('SELECT * FROM patients WHERE id = ? AND org_id = ?');

  const requireOrganization = (account: Account, id: string): unknown => {
    const found = organization.get(id);
    if (!found) throw new Refusal(404, 'not_found', 'Organización no encontrada');
    if (!membership.get(account.id, id)) throw new Refusal(403, 'forbidden', 'No pertenece a esta organización');
    return found;
  };

  app.get('/user/health', (request) => success(request, { service: 'user-service', status: 'healthy' }));

  app.get('/user/users/me/org-memberships', async (request) => {
    const account = await accounts.require(request);
    return success(request, { memberships: memberships.all(account.id) });
  });

  app.get<{ Params: { org: string } }>('/user/orgs/:org/care-team-patients', async (request) => {
    const account = await accounts.require(request);
    const { org } = request.params;
    const found = requireOrganization(account, org);
    const teams = careTeams.all({ org, account: account.id, everything: account.systemRole === 'superadmin' ? 1 : 0 }) as { id: string; name: string }[];
    return success(request, {
      organization: found,
      care_teams: teams.map(({ id, name }) => ({
        id,
        name,
        members: teamMembers.all(id),
        patients: (teamPatients.all(id) as PatientRow[]).map(presentPatient),
      })),
    });
  });

  app.get('/user/caregiver/patients', async (request) => {
    const account = await accounts.require(request);
    return success(request, { patients: (patientsInCare.all(account.id) as PatientRow[]).map(presentPatient) });
  });

  app.get<{ Params: { org: string; id: string } }>('/user/orgs/:org/patients/:id', async (request) => {
    const account = await accounts.require(request);
    const { org, id } = request.params;
    requireOrganization(account, org);
    const found = patient.get(id, org) as PatientRow | undefined;
    if (!found) throw new Refusal(404, 'entity_not_found', `No se encontró el paciente con ID ${id}`);
    return success(request, { patient: { ...presentPatient(found), org_id: found.org_id, profile_photo_url: found.profile_photo_url } });
  });

  await app.ready();
  return (request, response) => app.routing(request, response);
}
