import type { CallErrorCode } from '../rpc/call-error.ts';
import type { Explanation, Language } from './language.ts';

const safeEs = 'Las fotos de la cola están a salvo.';
const safeEn = 'The photos in the queue are safe.';

const es: Record<CallErrorCode, Explanation> = {
  'invalid-input': { what: 'Relevo no entiende lo que se le ha pedido.', photos: safeEs, next: 'Revise los datos e inténtelo de nuevo.' },
  'not-signed-in': { what: 'No ha iniciado sesión.', photos: 'Las fotos de la cola están a salvo y se enviarán cuando inicie sesión.', next: 'Inicie sesión.' },
  'wrong-credentials': { what: 'El correo o la contraseña no son correctos.', photos: safeEs, next: 'Escríbalos de nuevo. Si no los recuerda, pida ayuda a su responsable.' },
  network: { what: 'No se pudo conectar con el servidor.', photos: 'Las fotos de la cola están a salvo y se enviarán cuando vuelva la conexión.', next: 'Compruebe la conexión e inténtelo de nuevo.' },
  server: { what: 'El servidor respondió con un error.', photos: safeEs, next: 'Inténtelo de nuevo en unos minutos. Si se repite, avise a soporte.' },
  'no-gateway': { what: 'Falta la dirección del servidor.', photos: safeEs, next: 'Escríbala en los ajustes o pídala a soporte.' },
  'no-proxy': { what: 'Ahora no se usa ningún proxy, y el acceso se guarda solo para los que se usan.', photos: 'Nada ha cambiado.', next: 'Escríbalo cuando un proxy lo pida.' },
  'not-found': { what: 'No se encuentra: puede que ya no exista.', photos: 'Las demás fotos no se ven afectadas.', next: 'Actualice la lista.' },
  'not-possible-now': { what: 'Eso no se puede hacer en este momento.', photos: 'Nada ha cambiado.', next: 'Mire el estado de la foto y pruebe de nuevo.' },
  locked: { what: 'Relevo está bloqueado.', photos: 'Las fotos de la cola están a salvo y se siguen enviando.', next: 'Escriba su contraseña para continuar.' },
  'too-many-tries': { what: 'Se ha escrito una contraseña incorrecta demasiadas veces.', photos: 'Las fotos de la cola están a salvo y se siguen enviando.', next: 'Espere un minuto y escríbala de nuevo.' },
  'set-by-administrator': { what: 'Ese ajuste lo fija el administrador.', photos: 'Nada ha cambiado.', next: 'Si hace falta otro valor, pídalo a su administrador.' },
  'engine-stopped': { what: 'El proceso que envía las fotos se detuvo.', photos: safeEs, next: 'Espere unos segundos e inténtelo de nuevo.' },
  'data-folder-in-use': { what: 'Otro Relevo está usando la misma carpeta de datos.', photos: safeEs, next: 'Use la ventana que ya está abierta, o ciérrela e inténtelo de nuevo.' },
  'data-folder-unwritable': { what: 'No se puede escribir en la carpeta de datos de Relevo.', photos: 'Las fotos que ya están en la carpeta siguen ahí; no se añade ni se envía ninguna más.', next: 'Compruebe los permisos y que el disco no esté protegido, o avise a soporte.' },
  'data-folder-foreign': { what: 'La carpeta de datos elegida es de otros, o la usan otros.', photos: 'Relevo no ha guardado nada en ella.', next: 'Elija una carpeta que sea solo suya (RELEVO_DATA_DIR), o quite la elección para usar la de siempre.' },
  'data-key-unavailable': { what: 'No se encuentra, o no se puede usar, la clave con la que se guardan los datos de este equipo.', photos: 'Las fotos siguen selladas en la carpeta de datos; nada se ha borrado.', next: 'Devuelva la clave a su sitio (data.key o RELEVO_KEY), o avise a soporte.' },
  'disk-full': { what: 'El disco está lleno.', photos: safeEs, next: 'Libere espacio e inténtelo de nuevo. Lo que esperaba sigue solo.' },
  'database-damaged': { what: 'La cola de este equipo está dañada.', photos: 'Las copias selladas de las fotos siguen en la carpeta de datos.', next: 'Abra Relevo otra vez: aparta el archivo dañado, sin borrarlo, y hace una cola nueva con las copias.' },
  'database-newer-version': { what: 'Estos datos son de una versión más nueva de Relevo.', photos: 'Las fotos siguen en la carpeta de datos; esta versión no las toca.', next: 'Actualice Relevo.' },
  'database-wrong-key': { what: 'La clave no es la de estos datos.', photos: 'Nada está dañado ni borrado: las fotos siguen en la carpeta de datos.', next: 'Use la clave con la que se crearon, o avise a soporte.' },
  internal: { what: 'Relevo encontró un error inesperado.', photos: safeEs, next: 'Inténtelo de nuevo. Si se repite, avise a soporte.' },
};

const en: Record<CallErrorCode, Explanation> = {
  'invalid-input': { what: 'Relevo does not understand what it was asked.', photos: safeEn, next: 'Check what you entered and try again.' },
  'not-signed-in': { what: 'You are not signed in.', photos: 'The photos in the queue are safe and will be sent once you sign in.', next: 'Sign in.' },
  'wrong-credentials': { what: 'The e-mail address or the password is not right.', photos: safeEn, next: 'Enter them again. If you do not remember them, ask the person in charge.' },
  network: { what: 'The server could not be reached.', photos: 'The photos in the queue are safe and will be sent when the connection is back.', next: 'Check the connection and try again.' },
  server: { what: 'The server answered with an error.', photos: safeEn, next: 'Try again in a few minutes. If it happens again, tell support.' },
  'no-gateway': { what: 'The address of the server is missing.', photos: safeEn, next: 'Enter it in the settings, or ask support for it.' },
  'no-proxy': { what: 'No proxy is in use now, and a sign-in is kept for those in use alone.', photos: 'Nothing has changed.', next: 'Enter it when a proxy asks.' },
  'not-found': { what: 'It was not found: it may no longer exist.', photos: 'The other photos are not affected.', next: 'Refresh the list.' },
  'not-possible-now': { what: 'That cannot be done at the moment.', photos: 'Nothing has changed.', next: 'Look at the state of the photo and try again.' },
  locked: { what: 'Relevo is locked.', photos: 'The photos in the queue are safe and are still being sent.', next: 'Enter your password to go on.' },
  'too-many-tries': { what: 'A wrong password was entered too many times.', photos: 'The photos in the queue are safe and are still being sent.', next: 'Wait a minute and enter it again.' },
  'set-by-administrator': { what: 'That setting is fixed by the administrator.', photos: 'Nothing has changed.', next: 'If it needs another value, ask your administrator.' },
  'engine-stopped': { what: 'The process that sends the photos stopped.', photos: safeEn, next: 'Wait a few seconds and try again.' },
  'data-folder-in-use': { what: 'Another Relevo is using the same data folder.', photos: safeEn, next: 'Use the window that is already open, or close it and try again.' },
  'data-folder-unwritable': { what: 'Relevo’s data folder cannot be written to.', photos: 'The photos that are in the folder stay there; no more are added or sent.', next: 'Check the permissions and that the disk is not write-protected, or tell support.' },
  'data-folder-foreign': { what: 'The chosen data folder is somebody else’s, or others use it.', photos: 'Relevo has kept nothing in it.', next: 'Choose a folder that is yours alone (RELEVO_DATA_DIR), or choose none to use the usual one.' },
  'data-key-unavailable': { what: 'The key under which this computer’s data is kept is missing, or cannot be used.', photos: 'The photos are still sealed in the data folder; nothing has been deleted.', next: 'Put the key back in its place (data.key or RELEVO_KEY), or tell support.' },
  'disk-full': { what: 'The disk is full.', photos: safeEn, next: 'Free some space and try again. What was waiting goes on by itself.' },
  'database-damaged': { what: 'The queue on this computer is damaged.', photos: 'The sealed copies of the photos are still in the data folder.', next: 'Open Relevo again: it puts the damaged file aside, deletes nothing, and makes a new queue from the copies.' },
  'database-newer-version': { what: 'This data is of a newer version of Relevo.', photos: 'The photos are still in the data folder; this version does not touch them.', next: 'Update Relevo.' },
  'database-wrong-key': { what: 'The key is not the one of this data.', photos: 'Nothing is damaged or deleted: the photos are still in the data folder.', next: 'Use the key that it was made with, or tell support.' },
  internal: { what: 'Relevo met an unexpected error.', photos: safeEn, next: 'Try again. If it happens again, tell support.' },
};

const catalogues: Record<Language, Record<CallErrorCode, Explanation>> = { es, en };

/** Explains to a person why something they asked for did not happen. */
export function callErrorText(language: Language, code: CallErrorCode): Explanation {
  return catalogues[language][code];
}
