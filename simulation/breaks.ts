/** @file Bugs to plant, one at a time, to show that the simulation finds them. None of this is reached without `--break`. */
import { createHash } from 'node:crypto';
import { SpoolError } from '../engine/spool/spool.ts';
import type { UploadStore } from '../engine/queue/upload-store.ts';
import type { EnginePorts } from '../engine/engine.ts';
import type { HttpAnswer, HttpRequest } from '../engine/transport/http.ts';
import { HttpError } from '../engine/transport/http.ts';
import type { Breakage } from './day.ts';
import type { World } from './world.ts';

interface Planted { what: string; apply: Breakage }

export const breakages: Record<string, Planted> = {
  'complete-believed': {
    what: 'a lost answer to Complete is taken for a success',
    apply: (ports, world) => onHttp(async (request, send) => {
      if (!request.url.endsWith('/complete')) return send(request);
      try {
        const answer = await send(request);
        return answer.status >= 500 ? imagined(request, ports) : answer;
      } catch (error) {
        if (error instanceof HttpError) return imagined(request, ports);
        throw error;
      }
    })(ports, world),
  },
  'etag-not-checked': {
    what: 'whatever ETag the store gives is taken for the right one, and the record is not compared',
    apply: onHttp(async (request, send) => {
      const answer = await send(request);
      const digest = request.headers['content-md5'] ?? request.headers['Content-MD5'];
      if (request.endpoint !== 'spaces' || request.method !== 'PUT' || answer.status !== 200) return answer;
      const wanted = digest === undefined ? createHash('md5').update(Buffer.concat(request.body ?? [])).digest('hex') : Buffer.from(digest, 'base64').toString('hex');
      return { ...answer, headers: { ...answer.headers, etag: `"${wanted}"` } };
    }),
  },
  'retry-at-lost': {
    what: 'the time of the next try is written down wrongly, a year ahead',
    apply: onStore((store) => ({
      commit: (id, change, events) => store.commit(id, change.state?.name === 'waiting' ? { ...change, state: { ...change.state, retryAt: change.state.retryAt + 31_536_000_000 } } : change, events),
    })),
  },
  'retry-after-ignored': {
    what: 'the server\'s Retry-After is not read',
    apply: onHttp(async (request, send) => {
      const answer = await send(request);
      const { 'retry-after': _, ...headers } = answer.headers;
      return { ...answer, headers };
    }),
  },
  'copy-destroyed-early': {
    what: 'the sealed copy is destroyed when completing begins, not after the photo was verified',
    apply: (ports) => onStore((store) => ({
      commit: (id, change, events) => {
        if (change.state?.name === 'completing') void ports.spool.remove(id);
        return store.commit(id, change, events);
      },
    }))(ports, undefined as never),
  },
  'crash-forgotten': {
    what: 'uploads under way when the process died are not taken up again',
    apply: onStore((store) => ({
      idsInState: (names, accounts) => names.includes('uploading') ? [] : store.idsInState(names, accounts),
    })),
  },
  'session-forgotten': {
    what: 'the server\'s session and the key by which it knows the upload are not kept',
    apply: (ports, world) => onHttp(async (request, send) => {
      if (!request.url.endsWith('/uploads') && !request.url.endsWith(':batch')) return send(request);
      const text = Buffer.concat(request.body ?? []).toString().replace(/("client_upload_id":")[^"]*/g, (_all, start: string) => start + ports.random.uuid());
      return send({ ...request, body: [Buffer.from(text)] });
    })(onStore((store) => ({ commit: (id, change, events) => store.commit(id, { ...change, ...(change.remote ? { remote: null } : {}) }, events) }))(ports, world), world),
  },
  'order-lost': {
    what: 'contract A: photos of one patient are not kept in their order',
    apply: onStore((store) => ({
      runnable: (options) => store.runnable({ ...options, perPatientOrder: false }),
      hasNewerSent: () => false,
      olderOnTheirWay: () => [],
    })),
  },
  'wake-lost': {
    what: 'nobody is told when the network is back; only the waiting time counts',
    apply: onStore(() => ({
      wakeHeld: () => ({ ids: [], next: undefined }),
    })),
  },
  'clock-believed': {
    what: 'what waits until a date waits for it also where the clock was set back',
    apply: onStore((store) => ({
      wakeHeld: (held, event, after) => held.fromLater ? { ids: [], next: undefined } : store.wakeHeld(held, event, after),
    })),
  },
  'damage-not-noticed': {
    what: 'a rotten sealed copy is read without checking its seal',
    apply: (ports) => ({
      ...ports,
      spool: {
        ...methodsOf(ports.spool),
        open: async (id) => {
          const reader = await ports.spool.open(id);
          return {
            facts: reader.facts, close: () => reader.close(),
            async *pieces(start, end) {
              try {
                yield* reader.pieces(start, end);
              } catch (error) {
                if (!(error instanceof SpoolError) || error.reason !== 'damaged') throw error;
                yield Buffer.alloc(end - start, 7);
              }
            },
          };
        },
      },
    }),
  },
  'damaged-is-duplicate': {
    what: 'a photo added again is taken for there already, though the copy that is there has rotted',
    apply: onStore((store) => ({
      commit: (id, change, events) => store.commit(id, events.some((event) => event.kind === 'copy-renewed') ? {} : change, events),
    })),
  },
  'row-before-seal': {
    what: 'the row is there and the person is told before the copy is sealed',
    apply: (ports) => ({
      ...ports,
      spool: {
        ...methodsOf(ports.spool),
        create: async (...inputs) => {
          const writer = await ports.spool.create(...inputs);
          return {
            write: (bytes) => writer.write(bytes), discard: () => writer.discard(),
            seal: (facts) => { void ports.clock.sleep(30_000).then(() => writer.seal(facts)); return Promise.resolve(); },
          };
        },
      },
    }),
  },
  'cancel-not-told': {
    what: 'what a person cancels is not taken back at the server',
    apply: onStore(() => ({ idsToAbort: () => [] })),
  },
};

type Send = (request: HttpRequest) => Promise<HttpAnswer>;

function onHttp(change: (request: HttpRequest, send: Send) => Promise<HttpAnswer>): Breakage {
  return (ports) => ({ ...ports, http: { ...methodsOf(ports.http), send: (request) => change(request, (each) => ports.http.send(each)) } });
}

function onStore(change: (store: UploadStore) => Partial<UploadStore>): (ports: EnginePorts, world: World) => EnginePorts {
  return (ports) => ({ ...ports, store: { ...methodsOf(ports.store), ...change(ports.store) } });
}

/** A port's methods as plain functions, so that some can be replaced. */
function methodsOf<T extends object>(port: T): T {
  return new Proxy({} as T, { ownKeys: () => allKeys(port), getOwnPropertyDescriptor: () => ({ configurable: true, enumerable: true }), get: (_target, name) => Reflect.get(port, name) as unknown });
}

function allKeys(object: object): string[] {
  const keys = new Set<string>();
  for (let each: object | null = object; each && each !== Object.prototype; each = Object.getPrototypeOf(each) as object | null) {
    for (const key of Object.getOwnPropertyNames(each)) if (key !== 'constructor') keys.add(key);
  }
  return [...keys];
}

/** The answer that a too trusting client would make up. */
function imagined(request: HttpRequest, { store }: EnginePorts): HttpAnswer {
  const sessionId = /uploads\/([^/]+)\/complete$/.exec(request.url)?.[1];
  const record = store.idsInState(['completing']).map((id) => store.get(id)).find((each) => each?.remote?.sessionId === sessionId);
  const facts = record?.facts;
  const photo = facts && { id: 'imagined', patient_id: facts.patientId, object_key: 'imagined', size_bytes: facts.sizeBytes, sha256: facts.sha256, content_type: facts.contentType, uploaded_at: 1_800_000_000_000 };
  return { status: 200, headers: {}, body: Buffer.from(JSON.stringify({ status: 'success', message: '', data: { photo }, error: null, trace_id: 't' })), phases: { total: 1 } };
}
