import type { OwnKeysTest } from '../../shared/domain/own-keys.ts';

type Step = OwnKeysTest['steps'][number];

/** The clinic's own Spaces account. */
export const ownKeysEs = {
  title: 'Directo al almacén de su clínica',
  intro: 'Con una cuenta de Spaces propia las fotos no pasan por el servidor. Lo configura quien administra esa cuenta.',
  inUse: 'En uso',
  inUseText: (bucket: string, host: string) => `Las fotos van a «${bucket}» en ${host}.`,
  setUp: 'Configurar',
  form: 'Cuenta de Spaces',
  endpoint: 'Dirección del almacén',
  endpointHint: 'Como https://ams3.digitaloceanspaces.com',
  region: 'Región',
  bucket: 'Bucket',
  accessKeyId: 'Identificador de la clave',
  secret: 'Clave secreta',
  secretKept: 'Guardada; vacía, no cambia',
  showSecret: 'Mostrar u ocultar la clave',
  pathStyle: 'Bucket en la ruta',
  pathStyleText: 'Para almacenes que no lo admiten en el nombre del servidor.',
  wrong: {
    endpoint: 'Una dirección que empiece por https://, sin nada detrás del nombre',
    region: 'Minúsculas, números y guiones, como ams3',
    bucket: 'De 3 a 63 minúsculas, números, guiones o puntos',
    accessKeyId: 'Sin espacios',
    secretAccessKey: 'Sin espacios',
    secretMissing: 'Escriba la clave secreta',
  },
  test: 'Probar',
  testText: 'Se escribe, se lee y se borra un archivo pequeño. Después se puede guardar.',
  steps: { write: 'Escribir un archivo de prueba', read: 'Leerlo', delete: 'Borrarlo' } satisfies Record<Step['step'], string>,
  outcomes: { ok: 'Bien', failed: 'Falla', 'not-tried': 'No se probó', running: 'En curso' } satisfies Record<Step['outcome'] | 'running', string>,
  passed: 'Funciona. Guárdela para empezar a usarla.',
  failed: 'La prueba no ha salido bien',
  failedText: 'No se ha guardado nada y las fotos siguen como estaban.',
  save: 'Guardar y usar',
  saved: 'Guardada. Las fotos van desde ahora a este almacén.',
  remove: 'Dejar de usarlo',
  removeAsk: '¿Dejar de usar el almacén propio?',
  removeText: 'La clave se borra de este equipo y las fotos vuelven a enviarse por el servidor de su clínica. Las que ya están en el almacén no se tocan, y las de la cola no se pierden.',
  removeKeep: 'Seguir usándolo',
};
