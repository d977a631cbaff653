import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Sandbox } from '../sandbox.ts';
import { TestClient } from '../testing/client.ts';
import { temporarySandbox } from '../testing/temporary-sandbox.ts';

let sandbox: Sandbox;
let nurse: TestClient;
let lucia: TestClient;
let dispose: () => Promise<void>;

beforeAll(async () => {
  ({ sandbox, dispose } = await temporarySandbox());
  [nurse, lucia] = await Promise.all([TestClient.signIn(sandbox), TestClient.signIn(sandbox, 'lucia.ferrer@clinica.example')]);
});
afterAll(() => dispose());

const membershipsOf = async (client: TestClient) => (await client.get('/user/users/me/org-memberships')).json.data.memberships as { org_id: string; org_code: string }[];

it('lists memberships', async () => {
  expect(await membershipsOf(nurse)).toEqual([
    { org_id: expect.any(String), org_code: 'CSM', org_name: 'Clínica Santa Marta', role_code: 'nurse', role_label: 'Enfermería', joined_at: expect.any(String) },
  ]);
  expect((await membershipsOf(lucia)).map(({ org_code: code }) => code)).toEqual(['CSM', 'CNO']);
});

it('lists the care teams of whoever asks, with members and patients', async () => {
  const [{ org_id: org } = { org_id: '' }] = await membershipsOf(nurse);
  const { data } = (await nurse.get(`/user/orgs/${org}/care-team-patients`)).json;
  expect(data.organization).toEqual({ id: org, code: 'CSM', name: 'Clínica Santa Marta' });
  const teams = data.care_teams as { name: string; members: { name: string }[]; patients: { id: string; name: string }[] }[];
  expect(teams.map(({ name }) => name)).toEqual(['Cardiología', 'Heridas y curaciones', 'Visitas a domicilio']);
  expect(teams[0]?.members.map(({ name }) => name)).toEqual(['Ana Ruiz', 'Lucía Ferrer']);
  const patients = teams.flatMap(({ patients: each }) => each);
  expect(patients).toHaveLength(14);
  expect(new Set(patients.map(({ id }) => id))).toEqual(new Set(sandbox.ready.patients.map(({ id }) => id)));
  expect(patients).toContainEqual({ id: expect.any(String), name: 'María Delgado', email: 'maria.delgado@paciente.example', risk_level: { code: 'medium', label: 'Riesgo medio' } });
  const hers = (await lucia.get(`/user/orgs/${org}/care-team-patients`)).json.data.care_teams as { name: string }[];
  expect(hers.map(({ name }) => name)).toEqual(['Cardiología']);
});

it('lists the patients somebody cares for, none for most', async () => {
  expect((await nurse.get('/user/caregiver/patients')).json.data).toEqual({ patients: [] });
  expect((await lucia.get('/user/caregiver/patients')).json.data.patients).toMatchObject([{ name: 'Estela Prado' }]);
});

it('shows one patient, and only to the organization', async () => {
  const [{ org_id: org } = { org_id: '' }] = await membershipsOf(nurse);
  const patient = nurse.patient();
  expect((await nurse.get(`/user/orgs/${org}/patients/${patient}`)).json.data.patient).toMatchObject({ id: patient, name: 'María Delgado', profile_photo_url: null });
  expect((await nurse.get(`/user/orgs/${org}/patients/${randomUUID()}`)).json.error.code).toBe('entity_not_found');
  const north = (await membershipsOf(lucia)).find(({ org_code: code }) => code === 'CNO');
  expect((await nurse.get(`/user/orgs/${north?.org_id}/care-team-patients`)).status).toBe(403);
});
