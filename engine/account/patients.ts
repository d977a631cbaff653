import { z } from 'zod';
import { patientSchema, type Patient } from '../../shared/domain/account.ts';
import { timestampSchema } from '../../shared/domain/ids.ts';
import { CallError, type CallErrorCode } from '../../shared/rpc/call-error.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logging/logger.ts';
import type { KeyValueStore } from '../queue/upload-store.ts';
import type { GatewayClient } from '../transport/gateway-client.ts';
import { isOutOfReach, toCallError } from './call-failed.ts';
import { fetchPatients } from './patient-answers.ts';
import { createPatientIndex, type KnownPatient, type PatientIndex } from './patient-index.ts';

/** A list older than this is fetched again in the background when somebody searches. */
const freshMs = 5 * 60_000;

const cacheSchema = z.object({
  fetchedAt: timestampSchema,
  patients: z.array(patientSchema.extend({ orgId: z.string().max(200).optional() })),
});

export interface PatientSearch {
  patients: Patient[];
  total: number;
  /** When the list was fetched; absent while there has never been one. */
  fetchedAt: number | undefined;
  /** Why the list is not as new as was asked for. */
  notRefreshed?: CallErrorCode;
}

/** The patients of whoever is signed in, kept on this computer so that photos can be added without a network. */
export interface Patients {
  /**
   * Searches the list kept here. Fetches it first where there is none, or where `refresh` asks for it.
   * @throws CallError `not-signed-in`; `network` or `server` only where there is no list to fall back on.
   */
  search(options: { text: string; limit: number; refresh: boolean }): Promise<PatientSearch>;
  /** Fetches the list; calls at the same time share one. @throws CallError as `search` */
  refresh(): Promise<void>;
  get(patientId: string): Patient | undefined;
  nameOf(patientId: string): string | undefined;
  /** The organisation through which the person looks after this patient; contract A's routes name it. */
  orgOf(patientId: string): string | undefined;
}

export interface PatientsOptions {
  /** Whose list; a sealed one per person and gateway. Undefined when nobody is signed in. */
  owner(): { key: string; client: GatewayClient } | undefined;
  store: KeyValueStore;
  clock: Clock;
  log: Logger;
  /** Those who are gone from the backend's list stay, marked, as long as this says so. */
  hasQueuedPhotos(patientId: string): boolean;
  onOrganisations?(names: string[]): void;
}

interface Loaded { key: string; index: PatientIndex; fetchedAt: number | undefined }

export function createPatients(options: PatientsOptions): Patients {
  const { store, clock, log } = options;
  let loaded: Loaded | undefined;
  let fetching: { key: string; done: Promise<void> } | undefined;

  function owner(): { key: string; client: GatewayClient } {
    const found = options.owner();
    if (!found) throw new CallError('not-signed-in');
    return found;
  }

  function load(key: string): Loaded {
    if (loaded?.key === key) return loaded;
    let cached: z.infer<typeof cacheSchema> | undefined;
    try {
      cached = cacheSchema.safeParse(JSON.parse(store.get(key) ?? 'null')).data;
    } catch { /* Not a list; it will be fetched. */ }
    loaded = { key, index: createPatientIndex(cached?.patients ?? []), fetchedAt: cached?.fetchedAt };
    return loaded;
  }

  /** Those who were kept for their photos alone go with the last of these. */
  function loadWithoutGone(key: string): Loaded {
    const { index, fetchedAt } = load(key);
    const isGone = (patient: KnownPatient): boolean => patient.missing === true && !options.hasQueuedPhotos(patient.id);
    if (!index.all().some(isGone)) return load(key);
    const patients = index.all().filter((patient) => !isGone(patient));
    store.set(key, JSON.stringify({ fetchedAt, patients }));
    loaded = { key, index: createPatientIndex(patients), fetchedAt };
    return loaded;
  }

  async function fetchFor(key: string, client: GatewayClient): Promise<void> {
    const began = clock.monotonic();
    const list = await fetchPatients(client);
    // Somebody else may have signed in meanwhile, and the last of these answers may be to their token.
    if (options.owner()?.key !== key) return;
    const present = new Set(list.patients.map((patient) => patient.id));
    const gone = load(key).index.all()
      .filter((patient) => !present.has(patient.id) && options.hasQueuedPhotos(patient.id))
      .map((patient): KnownPatient => ({ ...patient, missing: true }));
    const patients = [...list.patients, ...gone];
    const fetchedAt = clock.now();
    store.set(key, JSON.stringify({ fetchedAt, patients }));
    loaded = { key, index: createPatientIndex(patients), fetchedAt };
    log.info('patients.fetched', { count: list.patients.length, removed: gone.length, ms: Math.round(clock.monotonic() - began) });
    options.onOrganisations?.(list.organisations);
  }

  function refresh(): Promise<void> {
    const { key, client } = owner();
    if (fetching?.key === key) return fetching.done;
    const done = fetchFor(key, client)
      .catch((error: unknown) => { throw toCallError(error); })
      .finally(() => { if (fetching?.done === done) fetching = undefined; });
    fetching = { key, done };
    return done;
  }

  function quietly(error: unknown): void {
    log.warn('patients.not-fetched', { code: error instanceof CallError ? error.code : 'internal' });
  }

  const find = (patientId: string): KnownPatient | undefined => {
    const key = options.owner()?.key;
    return key === undefined ? undefined : load(key).index.get(patientId);
  };

  return {
    async search({ text, limit, refresh: asked }) {
      const { key } = owner();
      const { fetchedAt } = load(key);
      let notRefreshed: CallErrorCode | undefined;
      if (fetchedAt === undefined) {
        await refresh();
      } else if (asked) {
        await refresh().catch((error: unknown) => {
          if (!(error instanceof CallError) && !isOutOfReach(error)) throw error;
          quietly(error);
          notRefreshed = error instanceof CallError ? error.code : 'network';
        });
      } else if (clock.now() - fetchedAt > freshMs) {
        void refresh().catch(quietly);
      }
      // Whoever asked may have left while the list was on its way, and somebody else sits at the window.
      if (owner().key !== key) throw new CallError('not-signed-in');
      const now = loadWithoutGone(key);
      const found = now.index.search(text, limit);
      return { patients: found.patients.map(toPatient), total: found.total, fetchedAt: now.fetchedAt, ...(notRefreshed ? { notRefreshed } : {}) };
    },
    async refresh() { await refresh(); },
    get: (id) => { const found = find(id); return found && toPatient(found); },
    nameOf: (id) => find(id)?.name,
    orgOf: (id) => find(id)?.orgId,
  };
}

function toPatient({ orgId: _, ...patient }: KnownPatient): Patient {
  return patient;
}
