import { z } from 'zod';
import { AnswerError } from '../transport/answer-error.ts';
import type { GatewayClient } from '../transport/gateway-client.ts';
import type { KnownPatient } from './patient-index.ts';

/** Identifiers are opaque; some services write them as numbers. */
export const idSchema = z.union([z.string().min(1).max(200), z.number().int()]).transform(String);
const textSchema = z.string().nullish().transform((text) => text?.trim() || undefined);

export const membershipsAnswer = z.object({ memberships: z.array(z.object({ org_id: idSchema, org_name: textSchema })) });
const patientAnswer = z.object({ id: idSchema, name: textSchema });
export const careTeamsAnswer = z.object({
  care_teams: z.array(z.object({ name: textSchema, patients: z.array(patientAnswer).nullish() })),
});
export const caregiverAnswer = z.object({ patients: z.array(patientAnswer) });

export interface PatientList {
  patients: KnownPatient[];
  /** The person's organisations, by name. */
  organisations: string[];
}

/**
 * Gathers everybody whom the person looks after: of each organisation's care teams, and those in their own care.
 *
 * @throws HttpError | AnswerError | SessionExpired if a list could not be had. One that is refused (403, 404) counts as empty:
 *   it is the server's word that there is nothing in it for this person.
 */
export async function fetchPatients(client: GatewayClient): Promise<PatientList> {
  const get = <T>(path: string, answer: z.ZodType<T>): Promise<T | undefined> =>
    client.call({ method: 'GET', path, answer, auth: 'token', idempotent: true }).catch((error: unknown) => {
      if (error instanceof AnswerError && (error.status === 403 || error.status === 404) && error.code !== 'malformed') return undefined;
      throw error;
    });

  const [memberships, caregiver] = await Promise.all([
    get('/user/users/me/org-memberships', membershipsAnswer),
    get('/user/caregiver/patients', caregiverAnswer),
  ]);
  const organisations = memberships?.memberships ?? [];
  const found = new Map<string, { patient: KnownPatient; details: Set<string> }>();
  const add = (id: string, name: string | undefined, orgId: string | undefined, detail: string | undefined): void => {
    const entry = found.get(id) ?? { patient: { id, name: (name ?? id).slice(0, 500), orgId }, details: new Set<string>() };
    entry.patient.orgId ??= orgId;
    if (detail) entry.details.add(detail);
    found.set(id, entry);
  };
  for (const organisation of organisations) {
    const teams = await get(`/user/orgs/${encodeURIComponent(organisation.org_id)}/care-team-patients`, careTeamsAnswer);
    for (const team of teams?.care_teams ?? []) {
      const place = organisations.length > 1 ? [organisation.org_name, team.name].filter(Boolean).join(' · ') : team.name;
      for (const patient of team.patients ?? []) add(patient.id, patient.name, organisation.org_id, place);
    }
  }
  for (const patient of caregiver?.patients ?? []) add(patient.id, patient.name, undefined, undefined);
  return {
    patients: [...found.values()].map(({ patient, details }) => (details.size > 0 ? { ...patient, detail: [...details].join(', ').slice(0, 500) } : patient)),
    organisations: organisations.flatMap((organisation) => organisation.org_name ?? []),
  };
}
