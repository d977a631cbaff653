import type { IngestOutcome, RejectionCode } from '../domain/ingest.ts';
import { formatBytes } from './format.ts';
import type { Explanation, Language } from './language.ts';

export type Rejected = Extract<IngestOutcome, { outcome: 'rejected' }>;

interface RejectionFacts {
  /** In words, where known. */
  size: string | undefined;
  limit: string | undefined;
  /** The short name of the image type found, such as `HEIC`. */
  type: string | undefined;
}

type Sentence = string | ((facts: RejectionFacts) => string);

interface RejectionCatalogue {
  photos: string;
  texts: Record<RejectionCode, { what: Sentence; photos?: string; next: Sentence }>;
}

const es: RejectionCatalogue = {
  photos: 'No se añadió. El archivo sigue donde estaba y las demás fotos no se ven afectadas.',
  texts: {
    empty: { what: 'El archivo está vacío.', next: 'Si está en una tarjeta, compruebe que la foto se abre; si no, tómela de nuevo.' },
    'not-an-image': { what: 'El archivo no es una imagen, diga lo que diga su nombre.', next: 'Elija otro archivo.' },
    'type-not-accepted': {
      what: ({ type }) => `El servidor no acepta ${type ? `imágenes ${type}` : 'este tipo de imagen'}.`,
      // The formats of an iPhone are where a clinic meets this; the names are those of its settings.
      next: ({ type }) => type === 'HEIC'
        ? 'Guarde una copia en JPEG y añada la copia. Para que el iPhone haga las próximas fotos en JPEG: Ajustes > Cámara > Formatos > Más compatible.'
        : 'Añada la foto en otro formato, por ejemplo JPEG.',
    },
    'too-large': {
      what: ({ size, limit }) => `La foto ${size ? `pesa ${size}` : 'pesa demasiado'}${limit ? ` y el servidor acepta hasta ${limit}` : ''}.`,
      next: 'Añada una copia más pequeña.',
    },
    unreadable: { what: 'El archivo no se puede leer.', next: 'Compruebe que la tarjeta está bien puesta y que tiene permiso para abrirlo, y añádalo de nuevo.' },
    'not-found': {
      what: 'El archivo no existe.', photos: 'No se añadió. Las demás fotos no se ven afectadas.',
      next: 'Si estaba en una tarjeta, vuelva a ponerla y añádalo de nuevo.',
    },
    'changed-while-reading': { what: 'El archivo cambió mientras se leía.', next: 'Espere a que termine de copiarse y añádalo de nuevo.' },
    'dangling-link': { what: 'Es un acceso a un archivo que ya no existe.', next: 'Elija el archivo original.' },
    'not-a-file': { what: 'No es un archivo normal.', next: 'Elija una foto o una carpeta con fotos.' },
    'no-photos-in-folder': { what: 'La carpeta no contiene fotos.', photos: 'No se añadió nada. Las demás fotos no se ven afectadas.', next: 'Elija otra carpeta.' },
    'disk-full': { what: 'No hay espacio en el disco de este equipo para guardarla.', next: 'Libere espacio y añádala de nuevo. No retire la tarjeta hasta entonces.' },
    'spool-unwritable': { what: 'No se puede escribir en la carpeta de datos de Relevo.', next: 'Avise a soporte. No retire la tarjeta hasta añadirla de nuevo.' },
  },
};

const en: RejectionCatalogue = {
  photos: 'It was not added. The file is where it was, and the other photos are not affected.',
  texts: {
    empty: { what: 'The file is empty.', next: 'If it is on a card, see whether the photo opens; if not, take it again.' },
    'not-an-image': { what: 'The file is not an image, whatever its name says.', next: 'Choose another file.' },
    'type-not-accepted': {
      what: ({ type }) => `The server does not accept ${type ? `${type} images` : 'this type of image'}.`,
      next: ({ type }) => type === 'HEIC'
        ? 'Save a copy as JPEG and add the copy. For the iPhone to take the next photos as JPEG: Settings > Camera > Formats > Most Compatible.'
        : 'Add the photo in another format, such as JPEG.',
    },
    'too-large': {
      what: ({ size, limit }) => `The photo is ${size ?? 'too large'}${limit ? `, and the server accepts up to ${limit}` : ''}.`,
      next: 'Add a smaller copy.',
    },
    unreadable: { what: 'The file cannot be read.', next: 'See that the card is in place and that you may open it, and add it again.' },
    'not-found': {
      what: 'The file does not exist.', photos: 'It was not added. The other photos are not affected.',
      next: 'If it was on a card, put it back and add it again.',
    },
    'changed-while-reading': { what: 'The file changed while it was being read.', next: 'Wait until it has been copied, and add it again.' },
    'dangling-link': { what: 'It is a link to a file that no longer exists.', next: 'Choose the original file.' },
    'not-a-file': { what: 'It is not a regular file.', next: 'Choose a photo, or a folder of photos.' },
    'no-photos-in-folder': { what: 'The folder holds no photos.', photos: 'Nothing was added. The other photos are not affected.', next: 'Choose another folder.' },
    'disk-full': { what: 'There is no room for it on the disk of this computer.', next: 'Free some space and add it again. Leave the card in until then.' },
    'spool-unwritable': { what: 'Relevo’s data folder cannot be written to.', next: 'Tell support. Leave the card in until it has been added again.' },
  },
};

const catalogues: Record<Language, RejectionCatalogue> = { es, en };

/** Explains why a file was not taken. */
export function rejectionText(language: Language, rejected: Pick<Rejected, 'code' | 'sizeBytes' | 'limitBytes' | 'detail'>): Explanation {
  const catalogue = catalogues[language];
  const text = catalogue.texts[rejected.code];
  const facts: RejectionFacts = {
    size: rejected.sizeBytes === undefined ? undefined : formatBytes(language, rejected.sizeBytes),
    limit: rejected.limitBytes === undefined ? undefined : formatBytes(language, rejected.limitBytes),
    type: /^image\/([a-z0-9]{2,8})$/.exec(rejected.detail ?? '')?.[1]?.toUpperCase(),
  };
  // A photo a hair over the limit would read "is 5 MB, and the server accepts up to 5 MB".
  if (facts.size === facts.limit) facts.size = undefined;
  const say = (sentence: Sentence): string => (typeof sentence === 'string' ? sentence : sentence(facts));
  return { what: say(text.what), photos: text.photos ?? catalogue.photos, next: say(text.next) };
}
