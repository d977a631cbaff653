/** @file What is refused of a photo, and how: the traps of contract A. */
import { randomUUID } from 'node:crypto';
import { AnswerError } from '../../engine/transport/answer-error.ts';
import type { Check } from '../check.ts';
import { expectKeys, expectRefusal, expectStatus, holds } from '../expectations.ts';
import { factsOf, testPhoto } from '../test-photo.ts';
import { benchOf } from './photo.ts';

/** Of a whole request. */
const limitBytes = 5 * 1024 * 1024;

export const photoRefusalChecks: readonly Check[] = [
  {
    id: 'wrong-type', kind: 'writes',
    holds: {
      en: 'A type that is not taken is refused with 415 unsupported_file_type.',
      es: 'Un tipo que no se acepta se rechaza con 415 unsupported_file_type.',
    },
    async run(stage) {
      expectRefusal((await benchOf(stage).send({ declare: 'image/gif' })).answer, 415, 'unsupported_file_type');
    },
  },
  {
    id: 'empty-file', kind: 'writes',
    holds: {
      en: 'A photo of no bytes is refused with 400 empty_file.',
      es: 'Una foto sin bytes se rechaza con 400 empty_file.',
    },
    async run(stage) {
      expectRefusal((await benchOf(stage).send({ bytes: Buffer.alloc(0) })).answer, 400, 'empty_file');
    },
  },
  {
    id: 'missing-file', kind: 'writes',
    holds: {
      en: 'A form without the photo’s field is refused with 400 missing_file.',
      es: 'Un formulario sin el campo de la foto se rechaza con 400 missing_file.',
    },
    async run(stage) {
      expectRefusal((await benchOf(stage).send({ field: 'picture' })).answer, 400, 'missing_file');
    },
  },
  {
    id: 'unknown-patient', kind: 'writes',
    holds: {
      en: 'A photo of a patient who does not exist is refused with 404 entity_not_found.',
      es: 'Una foto de un paciente que no existe se rechaza con 404 entity_not_found.',
    },
    async run(stage) {
      expectRefusal((await benchOf(stage).send({ patientId: randomUUID() })).answer, 404, 'entity_not_found');
    },
  },
  {
    id: 'at-the-limit', kind: 'writes',
    holds: {
      en: 'A request of exactly 5 MiB is taken.',
      es: 'Una solicitud de 5 MiB exactos se acepta.',
    },
    async run(stage) {
      expectStatus((await benchOf(stage).send({ requestBytes: limitBytes })).answer, 201);
    },
  },
  {
    id: 'oversize', kind: 'writes',
    holds: {
      en: 'A request of one byte more is refused with 401 as if the session were over, while auth says that the token is good.',
      es: 'Una solicitud de un byte más se rechaza con 401 como si la sesión hubiera terminado, mientras el servicio dice que el token es válido.',
    },
    async run(stage) {
      const { answer } = await benchOf(stage).send({ requestBytes: limitBytes + 1 });
      expectRefusal(answer, 401, 'unauthorized');
      const { message } = expectKeys(answer.json, 'body', ['message']);
      holds(message === 'Error al validar token', 'message "Error al validar token"', 'message: another');
      expectStatus(await stage.get('/auth/verify'), 200);
    },
  },
  {
    id: 'product-oversize', kind: 'writes',
    holds: {
      en: 'The product takes that 401 for what it is: the photo is too large, and nobody is signed out.',
      es: 'El producto toma ese 401 por lo que es: la foto es demasiado grande, y nadie pierde la sesión.',
    },
    async run(stage) {
      const bench = benchOf(stage);
      const bytes = testPhoto('image/jpeg', limitBytes);
      const facts = factsOf(bytes, 'image/jpeg', bench.patientId, stage.clock.now());
      const refused = await bench.sendByProduct(facts, bytes, bench.transport(2 * limitBytes)).then(() => 'accepted', (error: unknown) => {
        if (!(error instanceof AnswerError)) throw error;
        return error.code;
      });
      holds(refused === 'oversize_body', 'oversize_body', stage.withheld.word(refused));
    },
  },
];
