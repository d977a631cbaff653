import { randomUUID } from 'node:crypto';
import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { SandboxDatabase } from '../database/database.ts';
import type { Accounts } from '../http/accounts.ts';
import { failure, Refusal, success } from '../http/envelope.ts';
import type { Limits } from '../options.ts';
import type { SpacesClient } from './spaces-client.ts';

const extensions: Record<string, string> = { 'image/jpeg': '.jpg', 'image/png': '.png', 'image/webp': '.webp' };

interface PhotoFile {
  contentType: string;
  body: Buffer;
}

type PhotoRequest = FastifyRequest<{ Params: { id: string } }>;

/**
 * Contract A: one photo a patient, sent through the gateway as multipart/form-data.
 *
 * @param publicBase what an object's key is put after to make its public URL, without a slash at the end
 */
export async function addPhotoRoutes(
  app: FastifyInstance,
  deps: { database: SandboxDatabase; accounts: Accounts; spaces: SpacesClient; limits: Limits; publicBase: string; log: (line: string) => void },
): Promise<void> {
  const { database, accounts, spaces, limits, publicBase, log } = deps;
  const presentKey = database.prepare('SELECT profile_photo_key AS key FROM patients WHERE id = ?');
  const point = database.prepare('UPDATE patients SET profile_photo_url = ?, profile_photo_key = ? WHERE id = ?');
  const remember = database.prepare(
    'INSERT INTO profile_photos (object_key, patient_id, url, content_type, size_bytes, etag, uploaded_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  await app.register(multipart, { limits: { fileSize: limits.photoRequestBytes, files: 10 }, throwFileSizeLimit: false });

  const save = async (request: PhotoRequest, reply: FastifyReply): Promise<unknown> => {
    const account = await accounts.require(request);
    // The real service measures the request inside its token check, and says what it says of any failure there.
    if (Number(request.headers['content-length'] ?? 0) > limits.photoRequestBytes) {
      await drain(request);
      return reply.code(401).send(failure(request, new Refusal(401, 'unauthorized', 'Error al validar token'), 'error'));
    }
    const patient = request.params.id;
    const file = await readPhoto(request, limits.photoRequestBytes);
    accounts.requirePatient(account, patient);

    const key = `patients/${patient}/profile-${randomUUID().replaceAll('-', '')}${extensions[file.contentType] ?? ''}`;
    const url = `${publicBase}/${key}`;
    let etag: string;
    try {
      etag = await spaces.putPublic(key, file.body, file.contentType);
    } catch (error) {
      log(`photo of a patient was not stored: ${String(error)}`);
      throw new Refusal(502, 'upload_failed', 'No se pudo subir la foto al almacenamiento');
    }
    const uploadedAt = new Date().toISOString();
    const previous = (presentKey.get(patient) as { key: string | null }).key;
    database.transaction(() => {
      remember.run(key, patient, url, file.contentType, file.body.length, etag, uploadedAt);
      point.run(url, key, patient);
    })();
    if (previous !== null) await spaces.deleteObjects([previous]).catch((error: unknown) => log(`a previous photo stays behind: ${String(error)}`));
    const replaced = request.method === 'PUT';
    return reply.code(replaced ? 200 : 201).send(
      success(
        request,
        {
          photo: { entity_type: 'patients', entity_id: patient, object_key: key, url, content_type: file.contentType, size_bytes: file.body.length, etag, uploaded_at: uploadedAt },
        },
        replaced ? 'Foto actualizada correctamente' : 'Foto cargada correctamente',
      ),
    );
  };
  app.post('/media/patients/:id/photo', save);
  app.put('/media/patients/:id/photo', save);

  app.delete<{ Params: { id: string } }>('/media/patients/:id/photo', async (request) => {
    const account = await accounts.require(request);
    const patient = request.params.id;
    accounts.requirePatient(account, patient);
    const prefix = `patients/${patient}/`;
    let keys: string[];
    try {
      keys = await spaces.listKeys(prefix);
      await spaces.deleteObjects(keys);
    } catch {
      throw new Refusal(502, 'delete_failed', 'No se pudo eliminar la foto del almacenamiento');
    }
    point.run(null, null, patient);
    return success(request, { photo: { entity_type: 'patients', entity_id: patient, deleted_objects: keys.length, prefix } }, 'Foto eliminada');
  });
}

/** Lets the rest of the body arrive, so that the client reads the answer instead of a reset. */
async function drain(request: FastifyRequest): Promise<void> {
  for await (const chunk of request.raw) void chunk;
}

async function readPhoto(request: FastifyRequest, maxBytes: number): Promise<PhotoFile> {
  if (!request.isMultipart()) throw new Refusal(400, 'missing_file', "Se requiere un archivo en el campo 'photo'");
  let photo: (PhotoFile & { truncated: boolean }) | undefined;
  try {
    for await (const part of request.files()) {
      // As the service's FileStorage does, the body is in memory before Spaces sees any of it.
      const body = await part.toBuffer();
      const wanted = part.fieldname === 'photo' || (part.fieldname === 'file' && photo === undefined);
      if (wanted && part.filename !== '') photo = { contentType: part.mimetype.toLowerCase(), body, truncated: part.file.truncated };
    }
  } catch (error) {
    throw (error as { statusCode?: number }).statusCode === undefined ? error : new Refusal(400, 'missing_file', "Se requiere un archivo en el campo 'photo'");
  }
  if (!photo) throw new Refusal(400, 'missing_file', "Se requiere un archivo en el campo 'photo'");
  const { contentType, body, truncated } = photo;
  if (!(contentType in extensions)) throw new Refusal(415, 'unsupported_file_type', 'Tipo de archivo no permitido');
  if (body.length === 0) throw new Refusal(400, 'empty_file', 'El archivo está vacío');
  if (truncated || body.length > maxBytes) throw new Refusal(400, 'file_too_large', 'El archivo excede el tamaño máximo permitido');
  return { contentType, body };
}
