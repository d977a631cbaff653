/** @file Whom an account looks after. */
import { caregiverAnswer, careTeamsAnswer, fetchPatients, membershipsAnswer } from '../../engine/account/patient-answers.ts';
import { patientPhotoSchema } from '../../engine/transport/wire.ts';
import { NotRun, type Check } from '../check.ts';
import { expectEnvelope, expectKeys, expectList, expectParsed, expectStatus, holds, kindOf } from '../expectations.ts';
import { recordPath } from '../photo-bench.ts';

const patientKeys = ['id', 'name', 'email', 'risk_level'];

function expectPatients(value: unknown, where: string): void {
  for (const patient of expectList(value, where)) {
    const { risk_level: risk } = expectKeys(patient, `${where}[]`, patientKeys);
    if (risk !== null) expectKeys(risk, `${where}[].risk_level`, ['code', 'label']);
  }
}

export const patientChecks: readonly Check[] = [
  {
    id: 'memberships', kind: 'reads',
    holds: {
      en: 'The account’s organisations are listed, as the product reads them.',
      es: 'Se listan las organizaciones de la cuenta, como las lee el producto.',
    },
    async run(stage) {
      const answer = await stage.get('/user/users/me/org-memberships');
      expectStatus(answer, 200);
      stage.organisations = expectParsed(answer, membershipsAnswer).memberships.map((membership) => membership.org_id);
      const { memberships } = expectEnvelope(answer, ['memberships']);
      for (const item of expectList(memberships, 'data.memberships')) {
        expectKeys(item, 'data.memberships[]', ['org_id', 'org_code', 'org_name', 'role_code', 'role_label', 'joined_at']);
      }
    },
  },
  {
    id: 'care-team-patients', kind: 'reads',
    holds: {
      en: 'Each organisation’s care teams are listed with their members and patients, as the product reads them.',
      es: 'Se listan los equipos de cada organización con sus miembros y pacientes, como los lee el producto.',
    },
    async run(stage) {
      stage.mustBeSignedIn();
      if (stage.organisations.length === 0) throw new NotRun('no-organisation');
      for (const org of stage.organisations) {
        const answer = await stage.get(`/user/orgs/${encodeURIComponent(org)}/care-team-patients`);
        expectStatus(answer, 200);
        expectParsed(answer, careTeamsAnswer);
        const { care_teams: teams } = expectEnvelope(answer, ['organization', 'care_teams']);
        for (const team of expectList(teams, 'data.care_teams')) {
          const { members, patients } = expectKeys(team, 'data.care_teams[]', ['id', 'name', 'members', 'patients']);
          expectList(members, 'data.care_teams[].members');
          expectPatients(patients, 'data.care_teams[].patients');
        }
      }
    },
  },
  {
    id: 'caregiver-patients', kind: 'reads',
    holds: {
      en: 'The patients in one’s own care are listed, or an empty list, as the product reads it.',
      es: 'Se listan los pacientes al propio cuidado, o una lista vacía, como la lee el producto.',
    },
    async run(stage) {
      const answer = await stage.get('/user/caregiver/patients');
      expectStatus(answer, 200);
      expectParsed(answer, caregiverAnswer);
      expectPatients(expectEnvelope(answer, ['patients']).patients, 'data.patients');
    },
  },
  {
    id: 'product-patients', kind: 'reads',
    holds: {
      en: 'The product gathers its list of patients from these answers.',
      es: 'El producto reúne su lista de pacientes con estas respuestas.',
    },
    async run(stage) {
      stage.list = await fetchPatients(stage.product.calls);
    },
  },
  {
    id: 'patient-record', kind: 'reads',
    holds: {
      en: 'A patient’s record says where their photo is, or that there is none: the only way to resolve a 504.',
      es: 'El expediente de un paciente dice dónde está su foto, o que no hay: la única forma de resolver un 504.',
    },
    async run(stage) {
      stage.mustBeSignedIn();
      const known = stage.list?.patients.find((patient) => patient.orgId !== undefined);
      if (known?.orgId === undefined) throw new NotRun('no-patient');
      const answer = await stage.get(recordPath(known.orgId, known.id));
      expectStatus(answer, 200);
      expectParsed(answer, patientPhotoSchema);
      const { profile_photo_url: url } = expectKeys(expectEnvelope(answer, ['patient']).patient, 'data.patient', ['id', 'name', 'profile_photo_url']);
      holds(url === null || (typeof url === 'string' && URL.canParse(url, stage.gateway)), 'data.patient.profile_photo_url: address / null', `data.patient.profile_photo_url: ${kindOf(url)}`);
    },
  },
];
