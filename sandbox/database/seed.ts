import { createHash } from 'node:crypto';
import { hashPassword } from '../auth/password.ts';
import { keptSecret, type SandboxDatabase } from './database.ts';

/** The same identifier on every machine, so that what a demo shows can be compared. */
export function seedId(name: string): string {
  const hex = createHash('sha256').update(`relevo sandbox: ${name}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export const demoEmail = 'ana.ruiz@clinica.example';

const organizations = [
  { code: 'CSM', name: 'Clínica Santa Marta' },
  { code: 'CNO', name: 'Consultorio Norte' },
];

const accounts = [
  { email: demoEmail, name: 'Ana Ruiz', systemRole: 'user', orgs: ['CSM'], teams: ['Heridas y curaciones', 'Cardiología', 'Visitas a domicilio'] },
  { email: 'lucia.ferrer@clinica.example', name: 'Lucía Ferrer', systemRole: 'user', orgs: ['CSM', 'CNO'], teams: ['Cardiología', 'Consulta general'] },
  { email: 'admin@clinica.example', name: 'Héctor Salas', systemRole: 'superadmin', orgs: ['CSM', 'CNO'], teams: [] },
];

const risks = { low: 'Riesgo bajo', medium: 'Riesgo medio', high: 'Riesgo alto' };

const teams: { org: string; name: string; patients: [name: string, risk: keyof typeof risks][] }[] = [
  {
    org: 'CSM',
    name: 'Heridas y curaciones',
    patients: [['María Delgado', 'medium'], ['Valeria Ortiz', 'low'], ['Íñigo Etxeberria', 'high'], ['José Ángel Núñez', 'medium'], ['Concepción Peña', 'low']],
  },
  {
    org: 'CSM',
    name: 'Cardiología',
    patients: [['Ramón Cifuentes', 'high'], ['Begoña Álvarez', 'medium'], ['Tomás Güell', 'low'], ['Nuria Castaño', 'low'], ['Faustino Ibáñez', 'high']],
  },
  { org: 'CSM', name: 'Visitas a domicilio', patients: [['Pilar Zúñiga', 'medium'], ['Andrés Muñoz', 'low'], ['Rocío Jiménez', 'medium'], ['Manuel Ávila', 'high']] },
  { org: 'CNO', name: 'Consulta general', patients: [['Estela Prado', 'low'], ['Gonzalo Rey', 'medium']] },
];

/** The caregiver's list is its own route; it is empty for most accounts. */
const caregivers: [email: string, patient: string][] = [['lucia.ferrer@clinica.example', 'Estela Prado']];

function mailOf(name: string): string {
  return `${name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replaceAll(' ', '.')}@paciente.example`;
}

/** Fills an empty database with the demo clinic. Returns the password of every demo account, made once for this data folder. */
export async function seedDatabase(database: SandboxDatabase): Promise<{ password: string }> {
  const password = keptSecret(database, 'demo_password', 9);
  if (database.prepare('SELECT 1 FROM accounts').get()) return { password };
  const hashes = await Promise.all(accounts.map(() => hashPassword(password)));
  const joinedAt = new Date().toISOString();
  database.transaction(() => {
    const insert = (table: string, values: unknown[]): void => {
      database.prepare(`INSERT INTO ${table} VALUES (${values.map(() => '?').join(', ')})`).run(...values);
    };
    for (const { code, name } of organizations) insert('organizations', [seedId(code), code, name]);
    for (const [index, { email, name, systemRole, orgs }] of accounts.entries()) {
      insert('accounts', [seedId(email), email, name, systemRole, hashes[index]]);
      const [role, label] = systemRole === 'superadmin' ? ['org_admin', 'Administración'] : ['nurse', 'Enfermería'];
      for (const org of orgs) insert('memberships', [seedId(email), seedId(org), role, label, joinedAt]);
    }
    for (const { org, name, patients } of teams) {
      insert('care_teams', [seedId(name), seedId(org), name]);
      for (const [patient, risk] of patients) {
        insert('patients', [seedId(patient), seedId(org), patient, mailOf(patient), risk, risks[risk], null, null]);
        insert('care_team_patients', [seedId(name), seedId(patient)]);
      }
    }
    for (const { email, teams: joined } of accounts) for (const team of joined) insert('care_team_members', [seedId(team), seedId(email)]);
    for (const [email, patient] of caregivers) insert('caregivers', [seedId(email), seedId(patient)]);
  })();
  return { password };
}
