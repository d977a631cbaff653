/** @file The promise, as checks: during the day at every commit that claims something, and after it on the whole. */
import type { UploadRecord, UploadStore } from '../engine/queue/upload-store.ts';
import { uploadStateNames } from '../shared/domain/upload.ts';
import type { World } from './world.ts';

/** More tries than any day here can call for; a photo that needs more is being looped on. */
const mostTries = 80;

/** @returns the store, in which *completed* is checked against the server at the moment it is written down */
export function watched(store: UploadStore, world: World): UploadStore {
  return new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name !== 'commit') return value.bind(target);
      return (...inputs: Parameters<UploadStore['commit']>) => {
        const record = target.commit(...inputs);
        if (inputs[1].state?.name === 'completed' && !world.arrived(record.facts)) world.violated(`${record.facts.fileName} was called completed, and the server does not have it`);
        return record;
      };
    },
  });
}

/** After the day, with everything in order again for long enough: what must be so. */
export function checkEnd(world: World): void {
  const { store } = world;
  for (const [id, photo] of world.promised) {
    const record = store.get(id);
    if (!record) { world.violated(`${photo.name} was promised and is in no queue`); continue; }
    const { state } = record;
    if (record.tries > mostTries) world.violated(`${photo.name} was tried ${record.tries} times`);
    if (state.name === 'completed') {
      if (!world.arrived(record.facts)) world.violated(`${photo.name} is called completed, and the server does not have it`);
    } else if (state.name === 'needsAttention') {
      world.violated(`${photo.name} needs attention for ${state.failure.code} although nothing is wrong any more`);
    } else if (state.name !== 'cancelled' && state.name !== 'paused') {
      world.violated(`${photo.name} is still ${state.name}${state.name === 'waiting' ? ` for ${state.failure.code}` : ''} although nothing hinders it`);
    }
    if (state.name !== 'completed' && state.name !== 'cancelled' && !world.spool.entries.get(id)?.facts) world.violated(`${photo.name} is ${state.name} and its sealed copy is gone`);
    if (state.name === 'cancelled' && isThere(world, record) && !isSentByAnother(store, record)) world.violated(`${photo.name} is called cancelled, and the server has it`);
  }
  if (world.contract === 'sessions') checkSessions(world);
  else checkProfiles(world, store);
  if (world.network.tooEager > 0) world.violated(`${world.network.tooEager} requests came while a Retry-After was running`);
}

/** On the older contract a photo that another has replaced is there no more. */
function isThere(world: World, { facts }: UploadRecord): boolean {
  return world.contract === 'heartguard' ? world.backend.profile.get(facts.patientId)?.md5 === facts.md5 : world.arrived(facts);
}

/** What was cancelled may have been added again since. */
function isSentByAnother(store: UploadStore, { facts: { id, patientId, sha256 } }: UploadRecord): boolean {
  return store.idsInState(['completed']).some((other) => {
    const facts = other === id ? undefined : store.get(other)?.facts;
    return facts?.patientId === patientId && facts.sha256 === sha256;
  });
}

function checkSessions(world: World): void {
  const seen = new Map<string, number>();
  for (const photo of world.backend.photos.values()) seen.set(`${photo.patientId} ${photo.sha256}`, (seen.get(`${photo.patientId} ${photo.sha256}`) ?? 0) + 1);
  for (const [which, count] of seen) if (count > 1) world.violated(`${count} photos at the server are the same one: ${which}`);
  // One whose sealed copy has rotted can never be finished, and a person may yet say what is to be done.
  const stuck = world.store.idsInState(['needsAttention', 'paused']).length;
  const unfinished = world.backend.spaces.multiparts.size;
  if (unfinished > stuck) world.violated(`${unfinished} unfinished multipart uploads were left at the store, with ${stuck} photos that wait for a person`);
}

/** Contract A: the photo a patient has is the newest of those that were sent; one that was paused after it had arrived is not called completed. */
function checkProfiles(world: World, store: UploadStore): void {
  const newest = new Map<string, number>();
  const sequences = new Map<string, number>();
  const lastCameDamaged = new Set<string>();
  for (const id of store.idsInState(uploadStateNames)) {
    const record = store.get(id);
    if (!record) continue;
    const { patientId, md5 } = record.facts;
    sequences.set(`${patientId} ${md5}`, record.sequence);
    // Bytes changed on the way, it was found out, and a person cancelled: what was there before is gone, and sending it again is a person's to ask.
    if (record.state.name === 'cancelled' && store.story(id).some(({ failure }) => failure?.code === 'integrity-mismatch')) lastCameDamaged.add(patientId);
    if (record.state.name === 'completed') newest.set(patientId, Math.max(record.sequence, newest.get(patientId) ?? -1));
  }
  for (const [patientId, sequence] of newest) {
    const present = sequences.get(`${patientId} ${world.backend.profile.get(patientId)?.md5}`) ?? -1;
    if (present < sequence && !(present === -1 && lastCameDamaged.has(patientId))) world.violated(`${patientId} has another photo than the newest one sent`);
  }
}
