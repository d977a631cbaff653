/** @file The gateway and its services as a model: accounts, patients, and both contracts, over simulated Spaces. */
import { createHash } from 'node:crypto';
import { md5, SimulatedSpaces, type SpacesAnswer } from './simulated-spaces.ts';

export interface BackendRequest {
  method: string;
  /** Without the origin. */
  path: string;
  headers: Record<string, string>;
  body: Buffer;
}

export interface ServerUpload {
  id: string;
  clientUploadId: string;
  patientId: string;
  fileName: string;
  contentType: string;
  sizeBytes: number;
  sha256: string;
  state: 'open' | 'completed' | 'aborted' | 'expired';
  key: string;
  multipart: string | undefined;
  partBytes: number;
  openedAt: number;
  photoId: string | undefined;
  duplicateOf: string | undefined;
}

export interface ServerPhoto { id: string; patientId: string; key: string; sizeBytes: number; sha256: string; contentType: string; uploadedAt: number; clientUploadId: string }

export const gatewayOrigin = 'http://gateway.simulated';
export const spacesOrigin = 'http://spaces.simulated';
export const patients = Array.from({ length: 4 }, (_, index) => ({ id: `patient-${index + 1}`, name: `Patient ${index + 1}` }));

const tokenLifeMs = 15 * 60_000;
const presignedLifeMs = 15 * 60_000;
const sessionLifeMs = 7 * 86_400_000;

export class SimulatedBackend {
  readonly spaces = new SimulatedSpaces();
  readonly uploads = new Map<string, ServerUpload>();
  readonly photos = new Map<string, ServerPhoto>();
  /** Contract A: the photo that a patient has now, and all that ever were theirs. */
  readonly profile = new Map<string, { key: string; md5: string; storedAt: number }>();
  readonly profileHistory: { patientId: string; md5: string; at: number }[] = [];
  readonly #contract: 'sessions' | 'heartguard';
  readonly #now: () => number;
  /** Photos up to this many bytes go in one PUT; larger ones in parts of this size. */
  readonly partBytes: number;
  #count = 0;
  refreshRevoked = false;

  /** Contract B promises to recognise the same bytes of the same patient; what must not rest on that is tried without. */
  readonly #recognises: boolean;

  /** Contract B promises to compare the whole object; the parts' ETags must not let anything slip by that does not. */
  readonly #comparesWhole: boolean;

  constructor(options: { contract: 'sessions' | 'heartguard'; now: () => number; partBytes: number; recognisesBytes: boolean; comparesWhole: boolean }) {
    this.#comparesWhole = options.comparesWhole;
    this.#recognises = options.recognisesBytes;
    this.#contract = options.contract;
    this.#now = options.now;
    this.partBytes = options.partBytes;
  }

  /** What a request does and answers, once it has wholly arrived. */
  answer(request: BackendRequest): SpacesAnswer {
    const { pathname } = new URL(request.path, gatewayOrigin);
    if (pathname === '/health/' || pathname === '/media/health') return bare(200, { status: 'ok' });
    if (pathname === '/auth/login/user') { this.refreshRevoked = false; return bare(200, { access_token: this.#token(), refresh_token: 'refresh', user: { id: 'nurse', email: 'n@example.com', name: 'Nurse' } }); }
    if (pathname === '/auth/refresh') return this.refreshRevoked ? unauthorized() : bare(200, { access_token: this.#token() });
    if (!this.#authorized(request)) return unauthorized();
    if (pathname === '/auth/verify') return bare(200, { valid: true });
    if (pathname.startsWith('/user/') || pathname.startsWith('/auth/me')) return this.#people(pathname);
    if (this.#contract === 'heartguard') return this.#photoRoute(request, pathname);
    return this.#sessionRoute(request, pathname);
  }

  /** A presigned request at the store. */
  answerSpaces(request: BackendRequest): SpacesAnswer {
    const url = new URL(request.path, spacesOrigin);
    if (url.pathname === '/health/') return { status: 403, headers: {}, body: '' };
    const key = decodeURIComponent(url.pathname.slice(1));
    if (request.method === 'HEAD' || request.method === 'GET') {
      const object = this.spaces.objects.get(key);
      return object ? { status: 200, headers: { etag: `"${object.etag}"`, 'content-length': String(object.bytes.length) }, body: '' } : { status: 404, headers: {}, body: '' };
    }
    if (Number(url.searchParams.get('expires')) < this.#now()) return { status: 403, headers: {}, body: '<Error><Code>AccessDenied</Code></Error>' };
    const digest = request.headers['content-md5'];
    const upload = url.searchParams.get('uploadId');
    return upload === null
      ? this.spaces.put(key, request.body, digest)
      : this.spaces.putPart(upload, Number(url.searchParams.get('partNumber')), request.body, digest);
  }

  expireSessions(): void {
    for (const upload of this.uploads.values()) {
      if (upload.state !== 'open') continue;
      upload.state = 'expired';
      if (upload.multipart) this.spaces.multiparts.delete(upload.multipart);
    }
  }

  loseAPart(): void {
    for (const multipart of this.spaces.multiparts.values()) {
      const [first] = multipart.parts.keys();
      if (first !== undefined) { multipart.parts.delete(first); return; }
    }
  }

  #people(pathname: string): SpacesAnswer {
    const photo = /\/patients\/([^/]+)$/.exec(pathname)?.[1];
    if (photo) {
      const profile = this.profile.get(decodeURIComponent(photo));
      return envelope(200, { patient: { id: photo, profile_photo_url: profile ? `${spacesOrigin}/${profile.key}` : null } });
    }
    if (pathname.endsWith('/org-memberships')) return envelope(200, { memberships: [{ org_id: 'org', org_code: 'O', org_name: 'Clinic', role_code: 'nurse' }] });
    if (pathname.endsWith('/care-team-patients')) return envelope(200, { organization: {}, care_teams: [{ id: 'team', name: 'Team', members: [], patients }] });
    return envelope(200, { patients: [] });
  }

  #sessionRoute(request: BackendRequest, pathname: string): SpacesAnswer {
    const json = (): Record<string, unknown> => JSON.parse(request.body.toString() || '{}') as Record<string, unknown>;
    if (pathname === '/media/capabilities') {
      return envelope(200, { uploads: { version: 1, max_file_bytes: 1_000_000, accepted_types: ['image/jpeg'], part_bytes: this.partBytes, max_parts_in_flight: 4, session_ttl_s: sessionLifeMs / 1_000 } });
    }
    if (pathname === '/media/uploads:batch') {
      const all = json()['uploads'] as Record<string, unknown>[];
      return envelope(200, { uploads: all.map((each) => ({ ok: true, upload: this.#shown(this.#create(String(each['patient_id']), each)) })) });
    }
    const created = /^\/media\/patients\/([^/]+)\/uploads$/.exec(pathname)?.[1];
    if (created) return envelope(201, { upload: this.#shown(this.#create(decodeURIComponent(created), json())) });
    const match = /^\/media\/uploads\/([^/]+)(\/parts|\/complete)?$/.exec(pathname);
    const upload = match?.[1] ? this.uploads.get(decodeURIComponent(match[1])) : undefined;
    if (!upload) return failure(404, 'upload_not_found');
    if (upload.state === 'open' && this.#now() - upload.openedAt > sessionLifeMs) upload.state = 'expired';
    if (match?.[2] === '/complete') return this.#complete(upload, json());
    if (match?.[2] === '/parts') return this.#presign(upload, json());
    if (request.method === 'DELETE') return this.#abort(upload);
    return envelope(200, { upload: this.#shown(upload) });
  }

  #create(patientId: string, body: Record<string, unknown>): ServerUpload {
    const clientUploadId = String(body['client_upload_id']);
    const existing = [...this.uploads.values()].find((upload) => upload.clientUploadId === clientUploadId);
    if (existing) return existing;
    const id = `upload-${this.#count++}`;
    const sha256 = String(body['sha256']);
    const same = !this.#recognises ? undefined : [...this.photos.values()].find((photo) => photo.patientId === patientId && photo.sha256 === sha256);
    const sizeBytes = Number(body['size_bytes']);
    const key = `photos/${id}.jpg`;
    const upload: ServerUpload = {
      id, clientUploadId, patientId, sizeBytes, sha256, key, fileName: String(body['file_name']), contentType: String(body['content_type']),
      state: same ? 'completed' : 'open', photoId: same?.id, duplicateOf: same?.id, partBytes: this.partBytes, openedAt: this.#now(),
      multipart: !same && sizeBytes > this.partBytes ? this.spaces.create(key) : undefined,
    };
    this.uploads.set(id, upload);
    return upload;
  }

  #complete(upload: ServerUpload, body: Record<string, unknown>): SpacesAnswer {
    const photo = upload.photoId === undefined ? undefined : this.photos.get(upload.photoId);
    if (upload.state === 'completed' && photo) return envelope(200, { photo: shownPhoto(photo), duplicate_of: upload.duplicateOf ?? null });
    if (upload.state !== 'open') return failure(409, 'upload_aborted');
    const parts = body['parts'] as { number: number; etag: string }[];
    const count = Math.max(1, Math.ceil(upload.sizeBytes / upload.partBytes));
    if (parts.length !== count || parts.some((part, index) => part.number !== index + 1)) return failure(409, 'integrity_mismatch');
    const stored = upload.multipart ? this.spaces.multiparts.get(upload.multipart) : undefined;
    const bytes = upload.multipart
      ? Buffer.concat(parts.map((part) => stored?.parts.get(part.number)?.bytes ?? Buffer.alloc(0)))
      : this.spaces.objects.get(upload.key)?.bytes ?? Buffer.alloc(0);
    // The service compares the whole object before it says that there is a photo.
    if (bytes.length !== upload.sizeBytes) return failure(409, 'integrity_mismatch');
    if (this.#comparesWhole && createHash('sha256').update(bytes).digest('hex') !== upload.sha256) return failure(409, 'integrity_mismatch');
    if (upload.multipart && !this.spaces.complete(upload.multipart, parts)) return failure(409, 'integrity_mismatch');
    const made: ServerPhoto = {
      id: `photo-${upload.id}`, patientId: upload.patientId, key: upload.key, sizeBytes: upload.sizeBytes, sha256: upload.sha256,
      contentType: upload.contentType, uploadedAt: this.#now(), clientUploadId: upload.clientUploadId,
    };
    this.photos.set(made.id, made);
    upload.photoId = made.id;
    upload.state = 'completed';
    return envelope(200, { photo: shownPhoto(made), duplicate_of: null });
  }

  #presign(upload: ServerUpload, body: Record<string, unknown>): SpacesAnswer {
    if (upload.state !== 'open') return failure(409, 'upload_aborted');
    const parts = body['parts'] as { number: number; md5: string }[];
    return envelope(200, { parts: parts.map(({ number, md5: digest }) => ({ number, ...this.#address(upload, number, digest) })) });
  }

  #abort(upload: ServerUpload): SpacesAnswer {
    if (upload.state === 'open') {
      upload.state = 'aborted';
      if (upload.multipart) this.spaces.multiparts.delete(upload.multipart);
      else this.spaces.objects.delete(upload.key);
    }
    return envelope(200, { upload: this.#shown(upload) });
  }

  #shown(upload: ServerUpload): unknown {
    const multipart = upload.multipart ? this.spaces.multiparts.get(upload.multipart) : undefined;
    const object = upload.multipart ? undefined : this.spaces.objects.get(upload.key);
    const parts = multipart
      ? [...multipart.parts].map(([number, part]) => ({ number, size: part.bytes.length, etag: part.etag }))
      : object ? [{ number: 1, size: object.bytes.length, etag: object.etag }] : [];
    const photo = upload.photoId === undefined ? undefined : this.photos.get(upload.photoId);
    return {
      id: upload.id, client_upload_id: upload.clientUploadId, state: upload.state, object_key: upload.key, part_bytes: upload.partBytes,
      part_count: Math.max(1, Math.ceil(upload.sizeBytes / upload.partBytes)), parts, photo: photo ? shownPhoto(photo) : null, duplicate_of: upload.duplicateOf ?? null,
      single_put: upload.state === 'open' && !upload.multipart ? this.#address(upload, 1, undefined) : null,
    };
  }

  #address(upload: ServerUpload, number: number, digest: string | undefined): object {
    const expires = this.#now() + presignedLifeMs;
    const query = upload.multipart ? `&uploadId=${upload.multipart}&partNumber=${number}` : '';
    return {
      url: `${spacesOrigin}/${encodeURIComponent(upload.key)}?expires=${expires}${query}`, expires_at: expires,
      headers: digest === undefined ? {} : { 'content-md5': Buffer.from(digest, 'hex').toString('base64') },
    };
  }

  /** Contract A. The service stores what has arrived and points the patient at it. */
  #photoRoute(request: BackendRequest, pathname: string): SpacesAnswer {
    const patientId = /^\/media\/patients\/([^/]+)\/photo$/.exec(pathname)?.[1];
    if (!patientId) return failure(404, 'not_found');
    const bytes = fileOfForm(request);
    if (!bytes) return failure(400, 'missing_file');
    const key = `profiles/${this.#count++}.jpg`;
    const before = this.profile.get(patientId);
    this.spaces.put(key, bytes, undefined);
    const digest = md5(bytes);
    this.profile.set(patientId, { key, md5: digest, storedAt: this.#now() });
    this.profileHistory.push({ patientId, md5: digest, at: this.#now() });
    if (before) this.spaces.objects.delete(before.key);
    return envelope(201, { photo: { entity_type: 'patient', entity_id: patientId, object_key: key, url: `${spacesOrigin}/${key}`, content_type: 'image/jpeg', size_bytes: bytes.length, etag: digest, uploaded_at: new Date(this.#now()).toISOString() } });
  }

  #token(): string {
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const seconds = Math.floor(this.#now() / 1_000);
    return `${part({ alg: 'HS256' })}.${part({ sub: 'nurse', iat: seconds, exp: seconds + tokenLifeMs / 1_000 })}.${this.#count++}`;
  }

  #authorized(request: BackendRequest): boolean {
    const token = /^Bearer (.+)$/.exec(request.headers['authorization'] ?? '')?.[1];
    try {
      const claims = JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString()) as { exp: number };
      return claims.exp * 1_000 > this.#now();
    } catch {
      return false;
    }
  }
}

function shownPhoto(photo: ServerPhoto): unknown {
  return { id: photo.id, patient_id: photo.patientId, object_key: photo.key, size_bytes: photo.sizeBytes, sha256: photo.sha256, content_type: photo.contentType, uploaded_at: new Date(photo.uploadedAt).toISOString() };
}

/** The bytes of the field `photo` in a multipart/form-data body. */
function fileOfForm(request: BackendRequest): Buffer | undefined {
  const boundary = /boundary="?([^";]+)"?/.exec(request.headers['content-type'] ?? '')?.[1];
  if (!boundary) return undefined;
  const start = request.body.indexOf('\r\n\r\n');
  const end = request.body.lastIndexOf(`\r\n--${boundary}--`);
  return start >= 0 && end > start ? request.body.subarray(start + 4, end) : undefined;
}

function bare(status: number, body: unknown): SpacesAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function envelope(status: number, data: unknown): SpacesAnswer {
  return bare(status, { status: 'success', message: '', data, error: null, trace_id: 'trace' });
}

function failure(status: number, code: string): SpacesAnswer {
  return bare(status, { status: 'fail', message: '', data: null, error: { code }, trace_id: 'trace' });
}

function unauthorized(): SpacesAnswer {
  return bare(401, { error: 'unauthorized', message: '' });
}
