import type { Failure, FailureCode } from '../domain/failure.ts';
import type { OwnKeysTest } from '../domain/own-keys.ts';
import { failureText } from './failures.ts';
import type { Language } from './language.ts';

type Step = OwnKeysTest['steps'][number]['step'];

/** What a test of own keys found, and what whoever entered them can do. Nothing is kept until it has passed, so the photos go on as before. */
export interface OwnKeysAdvice {
  what: string;
  next: string;
}

interface Catalogue {
  /** By what the store calls it (S3's codes). */
  called: Record<'SignatureDoesNotMatch' | 'InvalidAccessKeyId' | 'NoSuchBucket' | 'InvalidBucketName' | 'region', OwnKeysAdvice>;
  /** The keys are good, and may not do this. */
  mayNot: Record<Step, OwnKeysAdvice>;
  codes: Partial<Record<FailureCode, OwnKeysAdvice>>;
  /** Added where the test's object could not be taken away. */
  left: string;
}

const es: Catalogue = {
  called: {
    SignatureDoesNotMatch: { what: 'La clave secreta no es la de este identificador.', next: 'Escríbala de nuevo, entera y sin espacios, o cree otra clave.' },
    InvalidAccessKeyId: { what: 'El almacén no conoce este identificador de clave.', next: 'Revíselo. Si la clave se borró o se desactivó, cree otra.' },
    NoSuchBucket: { what: 'El almacén no tiene un bucket con ese nombre.', next: 'Revise el nombre y la región, y que la dirección no lleve ya el nombre del bucket.' },
    InvalidBucketName: { what: 'El almacén no admite ese nombre de bucket.', next: 'Revise el nombre. Si la dirección lleva ya el nombre del bucket, quíteselo.' },
    region: { what: 'El bucket está en otra región o en otra dirección.', next: 'Escriba la región y la dirección que muestra el panel del almacén para ese bucket.' },
  },
  mayNot: {
    write: { what: 'La clave no tiene permiso para escribir en el bucket.', next: 'Dele permiso para escribir, leer, listar y borrar en este bucket.' },
    read: { what: 'La clave puede escribir, pero no leer o listar, y sin eso no se puede comprobar que una foto llegó.', next: 'Dele también permiso para leer y listar en este bucket.' },
    delete: { what: 'La clave puede escribir y leer, pero no borrar.', next: 'Dele también permiso para borrar en este bucket.' },
  },
  codes: {
    'clock-skew': { what: 'La hora de este equipo no coincide con la del almacén, que por eso rechaza la firma.', next: 'Corrija la fecha y la hora de este equipo y pruebe de nuevo.' },
    'dns-failed': { what: 'No se encuentra la dirección del almacén.', next: 'Revísela. Si es correcta y el almacén es propio, pruebe con el bucket en la ruta.' },
    'connection-refused': { what: 'No hay ningún almacén en marcha en esa dirección.', next: 'Revise la dirección y el puerto.' },
    'integrity-mismatch': { what: 'Lo leído no es lo que se escribió.', next: 'No use este almacén y avise a quien lo administra.' },
    'malformed-answer': { what: 'Lo que responde en esa dirección no es un almacén compatible con S3.', next: 'Revise la dirección: es la del almacén, no la de su panel ni la de la CDN.' },
    forbidden: { what: 'El almacén rechaza esta clave.', next: 'Revise el identificador, la clave secreta y sus permisos.' },
  },
  left: 'En el bucket queda un archivo de prueba de 1 kB, en «relevo-test/».',
};

const en: Catalogue = {
  called: {
    SignatureDoesNotMatch: { what: 'The secret key is not the one of this identifier.', next: 'Enter it again, whole and without spaces, or make another key.' },
    InvalidAccessKeyId: { what: 'The store does not know this key identifier.', next: 'Check it. If the key was deleted or switched off, make another one.' },
    NoSuchBucket: { what: 'The store has no bucket of that name.', next: 'Check the name and the region, and that the address does not hold the bucket’s name already.' },
    InvalidBucketName: { what: 'The store does not take that name for a bucket.', next: 'Check the name. If the address holds the bucket’s name already, take it out of there.' },
    region: { what: 'The bucket is in another region or at another address.', next: 'Enter the region and the address that the store’s control panel shows for that bucket.' },
  },
  mayNot: {
    write: { what: 'The key may not write to the bucket.', next: 'Let it write, read, list and delete in this bucket.' },
    read: { what: 'The key may write, but not read or list, and without that nobody can tell whether a photo has arrived.', next: 'Let it read and list in this bucket as well.' },
    delete: { what: 'The key may write and read, but not delete.', next: 'Let it delete in this bucket as well.' },
  },
  codes: {
    'clock-skew': { what: 'The time of this computer is not that of the store, which therefore refuses the signature.', next: 'Correct the date and the time of this computer and test again.' },
    'dns-failed': { what: 'The address of the store cannot be found.', next: 'Check it. If it is right and the store is one of your own, try the bucket in the path.' },
    'connection-refused': { what: 'No store is running at that address.', next: 'Check the address and the port.' },
    'integrity-mismatch': { what: 'What was read is not what was written.', next: 'Do not use this store, and tell whoever administers it.' },
    'malformed-answer': { what: 'What answers at that address is no store that speaks S3.', next: 'Check the address: it is that of the store, not of its control panel or of the CDN.' },
    forbidden: { what: 'The store refuses this key.', next: 'Check the identifier, the secret key and what it may do.' },
  },
  left: 'A test file of 1 kB is left in the bucket, under “relevo-test/”.',
};

const catalogues: Record<Language, Catalogue> = { es, en };
const otherPlace: ReadonlySet<string> = new Set(['PermanentRedirect', 'TemporaryRedirect', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraintException']);

/** What to do about a step of `testOwnKeys` that failed: of the key, the bucket and the address, since there is no photo yet. */
export function ownKeysAdvice(language: Language, step: Step, failure: Failure): OwnKeysAdvice {
  const catalogue = catalogues[language];
  const { what, next } = adviceIn(catalogue, step, failure) ?? failureText(language, failure);
  return { what, next: step === 'delete' ? `${next} ${catalogue.left}` : next };
}

function adviceIn({ called, mayNot, codes }: Catalogue, step: Step, { code, detail = '' }: Failure): OwnKeysAdvice | undefined {
  if (otherPlace.has(detail)) return called.region;
  if (Object.hasOwn(called, detail)) return called[detail as keyof typeof called];
  // What was written with it shows that the key is good; a HEAD is refused without a word.
  if (code === 'forbidden' && (detail === 'AccessDenied' || step !== 'write')) return mayNot[step];
  return codes[code];
}
