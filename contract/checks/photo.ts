/** @file A patient's one photo: sent, replaced, deleted. */
import { gatewayPhotoSchema, bareEtag } from '../../engine/transport/wire.ts';
import { NotRun, type Check } from '../check.ts';
import { expectEnvelope, expectKeys, expectParsed, expectStatus, holds, kindOf, type Answer } from '../expectations.ts';
import { deletedPhotoSchema, type PhotoBench } from '../photo-bench.ts';
import type { Stage } from '../stage.ts';
import { factsOf, testPhoto } from '../test-photo.ts';
import type { PhotoFacts } from '../../shared/domain/upload.ts';

export function benchOf(stage: Stage): PhotoBench {
  if (!stage.bench) throw new NotRun('needs-patient');
  return stage.bench;
}

const gone = [403, 404, 410];

/** The record that a photo is answered with, in full. */
function expectPhoto(answer: Answer, facts: PhotoFacts, ...statuses: number[]): { url: string; key: string } {
  expectStatus(answer, ...statuses);
  const read = expectParsed(answer, gatewayPhotoSchema).photo;
  const photo = expectKeys(expectEnvelope(answer, ['photo']).photo, 'data.photo', ['entity_type', 'entity_id', 'object_key', 'url', 'content_type', 'size_bytes', 'etag', 'uploaded_at']);
  holds(read.entity_id === facts.patientId, 'data.photo.entity_id = the patient', 'data.photo.entity_id: another');
  holds(photo.content_type === facts.contentType, `data.photo.content_type ${facts.contentType}`, 'data.photo.content_type: another');
  holds(read.size_bytes === facts.sizeBytes, `data.photo.size_bytes ${facts.sizeBytes}`, `data.photo.size_bytes ${read.size_bytes}`);
  holds(read.etag === facts.md5, 'data.photo.etag = MD5', read.etag ? 'data.photo.etag: another' : `data.photo.etag: ${typeof photo.etag === 'string' ? 'no MD5' : kindOf(photo.etag)}`);
  holds(typeof read.uploaded_at === 'number', 'data.photo.uploaded_at: moment', 'data.photo.uploaded_at: unreadable');
  holds(typeof read.url === 'string', 'data.photo.url: address', 'data.photo.url: unreadable');
  return { url: read.url, key: read.object_key };
}

export const photoChecks: readonly Check[] = [
  {
    id: 'photo-post', kind: 'writes',
    holds: {
      en: 'POST of a photo answers 201 with its record: key, address, size, and its MD5 as ETag.',
      es: 'El POST de una foto contesta 201 con su registro: clave, dirección, tamaño y su MD5 como ETag.',
    },
    async run(stage) {
      const { answer, facts } = await benchOf(stage).send();
      expectPhoto(answer, facts, 201);
    },
  },
  {
    id: 'photo-put', kind: 'writes',
    holds: {
      en: 'PUT of a photo answers 200 with the same record, and the patient’s record points to it.',
      es: 'El PUT de una foto contesta 200 con el mismo registro, y el expediente del paciente apunta a ella.',
    },
    async run(stage) {
      const { answer, facts } = await benchOf(stage).send({ method: 'PUT' });
      expectPhoto(answer, facts, 200);
      holds(await benchOf(stage).hasArrived(facts), 'profile_photo_url → the photo', 'profile_photo_url → another');
    },
  },
  {
    id: 'photo-object', kind: 'writes',
    holds: {
      en: 'The stored object can be asked for by everybody, and its ETag is the photo’s MD5.',
      es: 'Cualquiera puede preguntar por el objeto guardado, y su ETag es el MD5 de la foto.',
    },
    async run(stage) {
      const { answer, facts } = await benchOf(stage).send();
      const head = await benchOf(stage).head(expectPhoto(answer, facts, 201).url);
      holds(head.status === 200, 'HEAD 200', `HEAD ${head.status}`);
      holds(bareEtag(head.headers.etag ?? '') === facts.md5, 'ETag = MD5', head.headers.etag === undefined ? 'no ETag' : 'ETag: another');
      holds(head.headers['content-length'] === String(facts.sizeBytes), `Content-Length ${facts.sizeBytes}`, 'Content-Length: another');
    },
  },
  {
    id: 'photo-replaced', kind: 'writes',
    holds: {
      en: 'A further photo gets a new key, and the object of the one before is deleted.',
      es: 'Otra foto recibe una clave nueva, y el objeto de la anterior se borra.',
    },
    async run(stage) {
      const bench = benchOf(stage);
      const first = await bench.send();
      const before = expectPhoto(first.answer, first.facts, 201);
      const second = await bench.send({ method: 'PUT' });
      const after = expectPhoto(second.answer, second.facts, 200);
      holds(after.key !== before.key, 'data.photo.object_key: new', 'data.photo.object_key: the same');
      // Asked for once and only now: a delivery network has not had it to keep.
      const { status } = await bench.head(before.url);
      holds(gone.includes(status), `HEAD ${gone.join(' / ')}`, `HEAD ${status}`);
    },
  },
  {
    id: 'photo-types', kind: 'writes',
    holds: {
      en: 'PNG and WebP are taken as well as JPEG, and kept as what they were declared.',
      es: 'PNG y WebP se aceptan igual que JPEG, y se guardan como lo declarado.',
    },
    async run(stage) {
      for (const type of ['image/png', 'image/webp'] as const) {
        const { answer, facts } = await benchOf(stage).send({ type });
        expectPhoto(answer, facts, 201);
      }
    },
  },
  {
    id: 'photo-field-file', kind: 'writes',
    holds: {
      en: 'The field may be called `file` instead of `photo`.',
      es: 'El campo puede llamarse `file` en lugar de `photo`.',
    },
    async run(stage) {
      const { answer, facts } = await benchOf(stage).send({ field: 'file' });
      expectPhoto(answer, facts, 201);
    },
  },
  {
    id: 'product-upload', kind: 'writes',
    holds: {
      en: 'The product’s own transport sends a photo, verifies it, and finds it again after a restart.',
      es: 'El transporte del propio producto envía una foto, la comprueba y la encuentra tras reiniciar.',
    },
    async run(stage) {
      const bench = benchOf(stage);
      const bytes = testPhoto();
      const facts = factsOf(bytes, 'image/jpeg', bench.patientId, stage.clock.now());
      await bench.sendByProduct(facts, bytes);
      holds(await bench.hasArrived(facts), 'inspect: completed', 'inspect: unsettled');
    },
  },
  {
    id: 'photo-delete', kind: 'writes',
    holds: {
      en: 'DELETE answers what it deleted; then the patient has no photo, and its object is gone.',
      es: 'DELETE contesta lo que borró; después el paciente no tiene foto y su objeto ya no está.',
    },
    async run(stage) {
      const bench = benchOf(stage);
      const sent = await bench.send();
      const { url } = expectPhoto(sent.answer, sent.facts, 201);
      const answer = await bench.remove();
      expectStatus(answer, 200);
      const { deleted_objects: deleted } = expectParsed(answer, deletedPhotoSchema).photo;
      expectKeys(expectEnvelope(answer, ['photo']).photo, 'data.photo', ['entity_type', 'entity_id', 'deleted_objects', 'prefix']);
      holds(deleted >= 1, 'data.photo.deleted_objects ≥ 1', `data.photo.deleted_objects ${deleted}`);
      holds((await bench.presentUrl()) === undefined, 'profile_photo_url: null', 'profile_photo_url: address');
      const { status } = await bench.head(url);
      holds(gone.includes(status), `HEAD ${gone.join(' / ')}`, `HEAD ${status}`);
    },
  },
];
