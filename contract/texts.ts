import type { Language } from '../shared/texts/language.ts';
import type { NotRunReason, Restored, Result } from './check.ts';

export interface ContractTexts {
  help: string;
  usage: Record<'unknown' | 'gateway' | 'email' | 'password' | 'language' | 'positional', string> & { missing(option: string): string; noRecord(file: string): string; hint: string };
  outcome: Record<Result['name'], string>;
  notRun: Record<NotRunReason, string>;
  broken(wanted: string, seen: string): string;
  summary(kept: number, broken: number, notRun: number): string;
  restored: Record<Exclude<Restored['name'], 'failed'>, string>;
  notRestored: { withCopy(file: string): string; withoutCopy: string };
  settling: string;
  recorded(file: string): string;
  noDrift: string;
  drift(count: number): string;
  interrupting: string;
}

const en: ContractTexts = {
  help: `Asks a running backend for everything that contract A (the HeartGuard gateway) promises.

Usage: npm run contract -- --gateway URL --email E [options]

  --gateway URL       the gateway's address
  --email E           an account of it
  --password-stdin    its password is read from standard input
  --password P        its password. Whoever can list this computer's processes sees it there, and the shell
                      remembers it: better --password-stdin, or RELEVO_CONTRACT_PASSWORD in the environment
  --patient ID        also run the checks that write. They REPLACE AND DELETE this patient's photo, again and again,
                      and put the one there was back at the end (under a new key). DELETE removes everything that the
                      media service keeps under this patient. Name a patient made for tests, never one in care
  --record FILE       where the exchanges are recorded, without anybody's data (test-results/contract-record.json)
  --compare FILE      an earlier record: what differs from it is listed
  --copies DIR        where a copy of the patient's photo lies while the run lasts (test-results/contract)
  --json              one JSON document instead of the table
  --language es|en    of what is printed (en)

Exit code: 0 every check that was asked for is kept, 1 some are not or could not be run, or the photo could not be put
back, 2 wrong usage, 130 interrupted.
`,
  usage: {
    unknown: 'There is no such option, or it lacks its value.',
    gateway: '--gateway must be an http or https address, without user, query or fragment.',
    email: '--email must not be empty.',
    password: 'The password is given by --password-stdin, --password or RELEVO_CONTRACT_PASSWORD, in one way only.',
    language: '--language is es or en.',
    positional: 'Everything is given by options.',
    missing: (option) => `${option} is needed.`,
    noRecord: (file) => `There is no record that can be read in ${file}.`,
    hint: 'npm run contract -- --help says more.',
  },
  outcome: { 'kept': 'kept', 'broken': 'BROKEN', 'not-run': 'not run' },
  notRun: {
    'needs-patient': 'needs --patient',
    'no-sign-in': 'nobody could sign in',
    'no-organisation': 'the account belongs to no organisation',
    'no-patient': 'the account sees no patient through an organisation',
    'unknown-patient': 'the record of this patient could not be read, so nothing was written',
    'original-not-secured': 'the photo that the patient has could not be fetched, so it could not be put back: nothing was written',
    'unreachable': 'the gateway does not answer',
    'interrupted': 'interrupted',
  },
  broken: (wanted, seen) => `wanted: ${wanted}; seen: ${seen}`,
  summary: (kept, broken, notRun) => `${kept} kept, ${broken} broken, ${notRun} not run`,
  restored: {
    untouched: 'Nobody’s photo was touched.',
    restored: 'The patient has the photo again that they had before, or none if they had none; the store was compared.',
  },
  notRestored: {
    withCopy: (file) => `THE PATIENT’S PHOTO COULD NOT BE PUT BACK. It lies in ${file}: send it again by hand, then delete that file.`,
    withoutCopy: 'THE PATIENT HAD NO PHOTO AND MAY HAVE ONE OF OURS NOW: it could not be deleted. Delete it by hand.',
  },
  settling: 'It is not known what became of a request. Waiting, for up to three minutes, until it can no longer change anything …',
  recorded: (file) => `Recorded in ${file}`,
  noDrift: 'Nothing differs from the earlier record.',
  drift: (count) => `What differs from the earlier record (${count}):`,
  interrupting: 'Interrupted: no further check begins, and the patient’s photo is put back …',
};

const es: ContractTexts = {
  help: `Pregunta a un sistema en marcha por todo lo que promete el contrato A (la pasarela HeartGuard).

Uso: npm run contract -- --gateway URL --email E [opciones]

  --gateway URL       la dirección de la pasarela
  --email E           una cuenta en ella
  --password-stdin    la contraseña se lee de la entrada estándar
  --password P        la contraseña. Quien pueda listar los procesos de este equipo la ve, y el intérprete de órdenes
                      la recuerda: mejor --password-stdin, o RELEVO_CONTRACT_PASSWORD en el entorno
  --patient ID        ejecutar también las comprobaciones que escriben. SUSTITUYEN Y BORRAN la foto de este paciente,
                      una y otra vez, y al final reponen la que había (con una clave nueva). DELETE borra todo lo que
                      el servicio de medios guarda de este paciente. Nombre uno creado para pruebas, nunca uno atendido
  --record FILE       dónde se registran los intercambios, sin datos de nadie (test-results/contract-record.json)
  --compare FILE      un registro anterior: se listan las diferencias
  --copies DIR        dónde está una copia de la foto del paciente mientras dura (test-results/contract)
  --json              un documento JSON en lugar de la tabla
  --language es|en    idioma de lo que se imprime (en)

Código de salida: 0 se cumple todo lo pedido, 1 algo no, o no se pudo comprobar, o no se pudo reponer la foto, 2 uso
incorrecto, 130 interrumpido.
`,
  usage: {
    unknown: 'No existe esa opción, o le falta su valor.',
    gateway: '--gateway debe ser una dirección http o https, sin usuario, consulta ni fragmento.',
    email: '--email no puede estar vacío.',
    password: 'La contraseña se da con --password-stdin, --password o RELEVO_CONTRACT_PASSWORD, de una sola forma.',
    language: '--language es es o en.',
    positional: 'Todo se indica con opciones.',
    missing: (option) => `Falta ${option}.`,
    noRecord: (file) => `No hay un registro legible en ${file}.`,
    hint: 'npm run contract -- --help dice más.',
  },
  outcome: { 'kept': 'cumplido', 'broken': 'INCUMPLIDO', 'not-run': 'sin hacer' },
  notRun: {
    'needs-patient': 'necesita --patient',
    'no-sign-in': 'nadie pudo iniciar sesión',
    'no-organisation': 'la cuenta no pertenece a ninguna organización',
    'no-patient': 'la cuenta no ve a ningún paciente a través de una organización',
    'unknown-patient': 'no se pudo leer el expediente de este paciente, así que no se escribió nada',
    'original-not-secured': 'no se pudo descargar la foto que tiene el paciente, así que no se podría reponer: no se escribió nada',
    'unreachable': 'la pasarela no contesta',
    'interrupted': 'interrumpido',
  },
  broken: (wanted, seen) => `se esperaba: ${wanted}; se vio: ${seen}`,
  summary: (kept, broken, notRun) => `${kept} cumplidos, ${broken} incumplidos, ${notRun} sin hacer`,
  restored: {
    untouched: 'No se tocó la foto de nadie.',
    restored: 'El paciente vuelve a tener la foto que tenía, o ninguna si no tenía; se comparó con el almacén.',
  },
  notRestored: {
    withCopy: (file) => `NO SE PUDO REPONER LA FOTO DEL PACIENTE. Está en ${file}: envíela de nuevo a mano y borre después ese archivo.`,
    withoutCopy: 'EL PACIENTE NO TENÍA FOTO Y PUEDE TENER AHORA UNA NUESTRA: no se pudo borrar. Bórrela a mano.',
  },
  settling: 'No se sabe qué fue de una solicitud. Se espera, hasta tres minutos, a que ya no pueda cambiar nada …',
  recorded: (file) => `Registrado en ${file}`,
  noDrift: 'Nada difiere del registro anterior.',
  drift: (count) => `Lo que difiere del registro anterior (${count}):`,
  interrupting: 'Interrumpido: no empieza ninguna comprobación más y se repone la foto del paciente …',
};

export const contractTexts: Record<Language, ContractTexts> = { es, en };
