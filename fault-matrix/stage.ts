/** @file A backend, a network that can be broken, and one engine after another on it. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from '../engine/engine-types.ts';
import { openEngine, type OpenEngineOptions } from '../engine/open-engine.ts';
import type { HttpRequest } from '../engine/transport/http.ts';
import type { UploadItem } from '../shared/domain/upload.ts';
import { compileWhere, type FaultInput } from '../sandbox/faults/fault.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { makePhoto } from '../test-support/photos.ts';
import type { Cell, Where } from './cell.ts';
import { createFaultyNetwork, type FaultyNetwork } from './network.ts';

export type StageKind = 'sessions' | 'gateway-photo' | 'short-tokens';

/** The diagnosis has a laboratory of its own. Here its requests would use up faults that are meant for the queue's. */
const lookingAway: OpenEngineOptions['diagnosis'] = {
  targets: () => ({ gateway: undefined, spaces: undefined, contract: undefined }),
  runCommand: () => Promise.resolve({ name: 'missing' }),
};

type Place = FaultInput['where'];

const places: Record<Where, Place> = {
  'create': { service: 'gateway', method: 'POST', path: '/media/patients/*/uploads' },
  'part': { service: 'spaces', method: 'PUT' },
  'complete': { service: 'gateway', method: 'POST', path: '/media/uploads/*/complete' },
  'inspect': { service: 'gateway', method: 'GET', path: '/media/uploads/*' },
  'photo (A)': { service: 'gateway', method: 'PUT', path: '/media/patients/*/photo' },
  'verify (A)': { service: 'spaces', method: 'HEAD' },
  'sign-in': { service: 'gateway', method: 'POST', path: '/auth/login/user' },
  'refresh': { service: 'gateway', method: 'POST', path: '/auth/refresh' },
  'capabilities': { service: 'gateway', method: 'GET', path: '/media/capabilities' },
  'capabilities, known': { service: 'gateway', method: 'GET', path: '/media/capabilities' },
  'health': { service: 'gateway', method: 'GET', path: '/health/' },
};

export function stageKindOf({ where }: Cell): StageKind {
  if (where === 'photo (A)' || where === 'verify (A)') return 'gateway-photo';
  return where === 'refresh' ? 'short-tokens' : 'sessions';
}

/** Long enough for a token of the short kind to have ended, by whichever second the server counts. */
export const tokenEndsMs = 7_100;

/** In memory where there is such a thing: the engines share one thread here, and would wait for each other's fsyncs. */
const temporary = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

export interface Photo {
  fileName: string;
  bytes: Uint8Array<ArrayBuffer>;
  sha256: string;
  md5: string;
}

export class Stage {
  readonly kind: StageKind;
  readonly sandbox: Sandbox;
  readonly network: FaultyNetwork;
  readonly #dir: string;

  private constructor(kind: StageKind, dir: string, sandbox: Sandbox) {
    this.kind = kind;
    this.#dir = dir;
    this.sandbox = sandbox;
    this.network = createFaultyNetwork([sandbox.ready.gateway, sandbox.ready.spaces.endpoint].map((url) => Number(new URL(url).port)));
  }

  static async open(kind: StageKind): Promise<Stage> {
    const dir = await mkdtemp(join(temporary, 'relevo-fault-matrix-'));
    const sandbox = await startSandbox({
      dataDir: join(dir, 'sandbox'), spaces: { kind: 'embedded' },
      contract: kind === 'gateway-photo' ? 'heartguard' : 'sessions', limits: { partBytes: 2 * 1024 * 1024 },
      // The patience of the gateway and of media is none of the faults; on a busy computer it must not become one.
      timeouts: { gatewayMs: 30_000, sessionConnectMs: 20_000, sessionReadMs: 20_000, ...(kind === 'short-tokens' ? { accessTokenS: 6 } : {}) },
    });
    return new Stage(kind, dir, sandbox);
  }

  async close(): Promise<void> {
    await this.network.lift();
    await this.sandbox.close();
    await rm(this.#dir, { recursive: true, force: true });
  }

  /** A data folder of its own, on which engines can be opened one after another. */
  async folder(): Promise<{ open: () => Promise<Engine> }> {
    const dataDir = await mkdtemp(join(this.#dir, 'engine-'));
    const key = { bytes: randomBytes(32), source: 'environment' as const };
    return {
      open: () => openEngine({ dataDir, key, kind: 'cli', http: this.network.http(), defaults: { gateway: this.sandbox.ready.gateway }, diagnosis: lookingAway }),
    };
  }

  async signIn(engine: Engine): Promise<void> {
    await engine.calls.signIn({ email: this.sandbox.ready.email, password: this.sandbox.ready.password });
  }

  /** @returns the upload's identifier */
  async add(engine: Engine, { fileName, bytes }: Photo): Promise<string> {
    const outcome = await engine.calls.addBytes({ batchId: fileName, patientId: this.patient, fileName, bytes });
    if (outcome.outcome !== 'queued') throw new Error(`${fileName} was not queued: ${JSON.stringify(outcome)}`);
    return outcome.id;
  }

  get patient(): string {
    const patient = this.sandbox.ready.patients[0];
    if (!patient) throw new Error('the sandbox has no patients');
    return patient.id;
  }

  async set(cell: Pick<Cell, 'fault' | 'where' | 'lasts'>): Promise<void> {
    const place = places[cell.where];
    const matches = this.#matcher(place);
    this.network.watch(matches, !cell.fault.timed ? 'none' : cell.lasts === 'once' ? 'the first' : 'all');
    const { effect } = cell.fault;
    if (effect.kind === 'network') await this.network.set(effect.fault, matches, cell.lasts);
    else await this.sandbox.faults.set({ where: place, times: cell.lasts === 'once' ? 1 : 'always', effect: effect.effect as FaultInput['effect'] });
  }

  async lift(): Promise<void> {
    await this.network.lift();
    await this.sandbox.faults.reset();
  }

  /** How many photos of just these bytes the server has a record of. */
  stored({ sha256, md5 }: Photo): number {
    return this.kind === 'gateway-photo'
      ? this.sandbox.store.profilePhotos().filter(({ etag }) => etag === md5).length
      : this.sandbox.store.photos().filter((photo) => photo.sha256 === sha256).length;
  }

  /** Whether the object of the one record, read back from the store, is this photo. */
  async isWhole(photo: Photo): Promise<boolean> {
    const key = this.kind === 'gateway-photo'
      ? this.sandbox.store.profilePhotos().find(({ etag, present }) => etag === photo.md5 && present)?.objectKey
      : this.sandbox.store.photos().find(({ sha256 }) => sha256 === photo.sha256)?.objectKey;
    return key !== undefined && (await this.sandbox.store.sha256(key)) === photo.sha256;
  }

  #matcher({ service, method, path }: Place): (request: HttpRequest) => boolean {
    const matches = compileWhere({ service, method, path });
    const { origin } = new URL(service === 'spaces' ? this.sandbox.ready.spaces.endpoint : this.sandbox.ready.gateway);
    return (request) => {
      const url = new URL(request.url);
      return url.origin === origin && matches(request.method, url.pathname + url.search);
    };
  }
}

/** Of the usual kind 200 kB, of the large kind two parts. */
export async function photoFor(cell: Cell, number: number): Promise<Photo> {
  const bytes = Uint8Array.from(await makePhoto({ seed: `fault matrix ${number}`, width: 64, height: 48, sizeBytes: cell.fault.large ? 4_000_000 : 200_000 }));
  return {
    fileName: `photo-${number}.jpg`, bytes,
    sha256: createHash('sha256').update(bytes).digest('hex'), md5: createHash('md5').update(bytes).digest('hex'),
  };
}

/** Resolves with the upload as soon as it is in a state that `wanted` accepts, with its last one after `withinMs`. */
export async function upload(engine: Engine, id: string, wanted: (item: UploadItem) => boolean, withinMs: number): Promise<UploadItem> {
  const read = async (): Promise<UploadItem> => (await engine.calls.getUpload({ id })).item;
  const first = await read();
  if (wanted(first)) return first;
  return new Promise((resolve, reject) => {
    const over = setTimeout(() => { stop(); read().then(resolve, reject); }, withinMs);
    const stop = engine.subscribe((event) => {
      if (event !== 'queue') return;
      read().then((item) => {
        if (!wanted(item)) return;
        clearTimeout(over);
        stop();
        resolve(item);
      }, reject);
    });
  });
}
