import type { CommandLineTexts } from './command-line.ts';

const plural = (count: number, one: string, many: string): string => (count === 1 ? one : many);

export const commandLineEs: CommandLineTexts = {
  help: {
    program: 'Envía las fotos de los pacientes y no pierde ninguna.',
    more: `Códigos de salida: 0 todo bien; 1 no se pudo hacer; 2 uso incorrecto;
  add: 3 si se rechazó algún archivo;
  sync: 3 si alguna foto necesita atención, 4 si alguna sigue en espera; 130 si se interrumpe.
Con --json los resultados y los errores son JSON con schema_version 1; un error es
  {"schema_version":1,"error":{"code","message"}}.
Idioma: el de LANG si es español o inglés; si no, el de los ajustes.`,
    usageTitle: 'Uso:', argumentsTitle: 'Argumentos:', optionsTitle: 'Opciones:', commandsTitle: 'Órdenes:', globalOptionsTitle: 'Opciones generales:', helpOption: 'muestra esta ayuda', helpCommand: 'muestra la ayuda de una orden',
    version: 'muestra la versión', optionsWord: 'opciones', commandWord: 'orden',
    dataDir: 'carpeta de datos (si no: RELEVO_DATA_DIR o la del sistema, la misma que la aplicación)', json: 'resultados en JSON',
    config: 'muestra o cambia los ajustes: gateway, language, lockAfterMinutes, …', configGet: 'muestra un ajuste, o todos', configSet: 'cambia un ajuste', configUnset: 'olvida lo elegido: vuelve a valer lo del administrador o lo de Relevo',
    login: 'inicia sesión en el servidor', email: 'correo de la cuenta', passwordStdin: 'lee la contraseña de la entrada estándar', logout: 'cierra la sesión; la cola se conserva para su dueño',
    people: 'muestra quién ha iniciado sesión en este equipo y cuántas fotos le esperan', peopleMore: 'JSON: {schema_version, people: [{person: {id, name, email}, gateway, lastSignedInAt, waiting}]}.',
    patients: 'muestra los pacientes', search: 'solo aquellos cuyo nombre contiene el texto (sin distinguir acentos)', refresh: 'pide la lista al servidor aunque haya una reciente', limit: 'cuántos como máximo',
    patientsMore: 'JSON: un documento {schema_version, patients: [{id, name, detail?, missing?}], total, fetchedAt}.',
    add: 'añade fotos a la cola de un paciente', patient: 'identificador del paciente', note: 'nota para las fotos', tag: 'etiqueta; se puede repetir', priority: 'high, normal o low', paths: 'fotos o carpetas, que se recorren',
    addMore: 'JSON: una línea por archivo {schema_version, file, outcome: queued|duplicate|rejected, id?, sizeBytes?, code?, message?}, en el orden dado.',
    sync: 'envía hasta que no se pueda enviar nada más por ahora', timeout: 'segundos como máximo', syncMore: 'JSON: {schema_version, completed, waiting, needsAttention, bytes, seconds}.',
    status: 'muestra el estado de la cola', items: 'también las fotos, las más nuevas primero', statusMore: 'JSON: {schema_version, counts, transfer, account, uploads, oldestWaitingAt?, uptimeMs, disk?, queueReplacedAt?, keySource, items?, itemsTotal?}.',
    pause: 'pausa la cola, o una foto', resume: 'reanuda la cola, o una foto', retry: 'reintenta una foto', cancel: 'cancela una foto', uploadId: 'identificador de la foto (véase status --items)',
    recover: 'descifra las fotos guardadas en la carpeta de datos, sin la cola', recoverTo: 'carpeta para las fotos y su index.json',
    recoverMore: 'JSON: {schema_version, folder, index, recovered, damaged, photos: [{id, verified, file?, reason?, originalName?, patientId?, patientName?, sha256?, …}]}.',
    doctor: 'comprueba la conexión y dice qué le pasa', only: 'buscar solo este, por ejemplo CLOCK_SKEW',
    doctorMore: 'Códigos de salida: 0 bien, 3 falla, 4 degradado, 5 causa no encontrada.\nJSON: {schema_version, diagnosis: {code, severity, certainty, since, evidence, overlays}, probes}',
    bundle: 'escribe un zip para soporte, sin pacientes, fotos, cuentas ni direcciones',
    bundleMore: 'JSON: {schema_version, file, sizeBytes, files: [{path, sizeBytes, failed}], leftOut}',
    sandbox: 'pone en marcha un servidor de pruebas en este equipo',
  },
  usage: {
    unknownOption: (name) => `La opción ${name} no existe.`,
    unknownCommand: (name) => `La orden ${name} no existe.`,
    missingArgument: (name) => `Falta ${name}.`,
    missingOption: (name) => `Falta la opción ${name}.`,
    missingValue: (name) => `Falta el valor de ${name}.`,
    tooManyArguments: 'Sobran argumentos.',
    wrongValue: (name) => `El valor de ${name} no es válido.`,
    wrong: 'La orden no se entiende.',
    hint: (command) => `Para ver cómo se usa: ${command} --help`,
    passwordNeeded: 'Sin terminal, la contraseña se lee con --password-stdin.',
  },
  interrupted: 'Interrumpido. Lo que está en la cola sigue a salvo.',
  doctor: {
    staff: 'Qué hacer', support: 'Para soporte', evidence: 'Evidencia', probable: 'probable', unknownCode: (code) => `No hay ningún diagnóstico llamado ${code}.`,
    probes: (ran, broken) => `${ran} ${plural(ran, 'comprobación hecha', 'comprobaciones hechas')}${broken > 0 ? `; ${broken} no se ${plural(broken, 'pudo', 'pudieron')} hacer` : ''}.`,
  },
  bundle: {
    failed: 'no se pudo reunir; el archivo dice por qué',
    leftOut: 'No incluye pacientes, nombres de archivo, notas, fotos, cuentas, claves ni textos de servidores; las direcciones de red van sustituidas.',
    written: (file, size) => `Escrito: ${file} (${size})`,
  },
  noSandbox: 'El servidor de pruebas no viene con esta instalación.',
  passwordPrompt: 'Contraseña: ',
  unknownPatient: 'No hay ningún paciente con ese identificador. Mire la lista con: relevo patients',
  key: {
    'in-keychain': 'La clave de esta carpeta está en el llavero del sistema: abra la aplicación Relevo y repita la orden.',
    'environment-invalid': 'RELEVO_KEY no es una clave válida (32 bytes en base64).',
    'file-damaged': 'El archivo de clave de la carpeta de datos está dañado. No lo borre: avise a soporte.',
    'file-unreadable': 'El archivo de clave de la carpeta de datos no se puede leer.',
    'file-exposed': 'Otras personas de este equipo pueden leer el archivo de clave, y no se pudo corregir.',
    'file-unwritable': 'No se puede escribir en la carpeta de datos.',
  },
  database: {
    damaged: 'La cola de esta carpeta de datos está dañada. No se borra nada: repita la orden, y Relevo aparta el archivo dañado y hace una cola nueva con las fotos selladas.',
    'wrong-key': 'La clave no es la de esta carpeta de datos. Nada está dañado y las fotos siguen ahí: use la clave con la que se creó.',
    'newer-version': 'Esta carpeta de datos es de una versión más nueva de Relevo, la única que puede usarla. Sus fotos no se tocan. Actualice Relevo.',
    'disk-full': 'El disco está lleno. Las fotos de la cola están a salvo. Libere espacio y repita la orden.',
    unwritable: 'No se puede escribir en la carpeta de datos.',
    'in-use': 'Otro programa está usando la cola. Repita la orden en unos segundos.',
    unknown: 'No se puede abrir la cola de esta carpeta de datos. No borre nada: avise a soporte.',
  },
  inUse: (holder) => holder
    ? `Otro Relevo está usando esta carpeta de datos: ${holder.kind === 'app' ? 'la aplicación' : 'una orden'} (proceso ${holder.pid}, desde ${holder.since.slice(0, 19).replace('T', ' ')} UTC). Ciérrelo, o espere a que acabe, y repita la orden.`
    : 'Otro Relevo está usando esta carpeta de datos. Ciérrelo, o espere a que acabe, y repita la orden.',
  recover: {
    noSpool: (folder) => `No hay fotos guardadas en ${folder}.`,
    noKey: 'Falta la clave de esta carpeta: ni RELEVO_KEY ni el archivo data.key. Sin ella nadie puede abrir las fotos; repóngala y repita la orden.',
    targetFull: 'El disco en el que se escriben las fotos está lleno. Las ya escritas están enteras. Libere espacio, o elija otra carpeta, y repita la orden.',
    targetUnwritable: 'No se puede escribir en la carpeta para las fotos.',
    reading: (done, total) => `Descifrando ${done} de ${total}`,
    damaged: (which, reason) => `no recuperada: ${which}: ${({ damaged: 'la copia está dañada', 'wrong-key': 'sellada con otra clave', missing: 'ya no está' } as Record<string, string>)[reason] ?? 'no se puede leer'}`,
    summary: (recovered, damaged, folder) => `${recovered} ${plural(recovered, 'foto', 'fotos')} en ${folder}${damaged > 0 ? `; ${damaged} sin recuperar` : ''}. Allí ya no están cifradas: guarde bien esa carpeta. De la carpeta de datos no se ha quitado nada.`,
  },
  notSet: 'sin definir',
  fixedByAdministrator: 'fijado por el administrador',
  setTo: (key, value) => `${key}: ${value}`,
  signedIn: (name, gateway) => `Sesión iniciada: ${name} en ${gateway}`,
  leftBehind: (name, waiting) => `${waiting} ${plural(waiting, 'foto', 'fotos')} de ${name} ${plural(waiting, 'queda sellada y se enviará', 'quedan selladas y se enviarán')} cuando vuelva a iniciar sesión.`,
  signedOut: 'Sesión cerrada. La cola se conserva para su dueño.',
  people: { none: 'Nadie ha iniciado sesión en este equipo.', waiting: (count) => (count === 0 ? 'nada pendiente' : `${count} ${plural(count, 'foto pendiente', 'fotos pendientes')}`) },
  patients: {
    none: 'No se encontró ningún paciente.',
    more: (shown, total) => `Se muestran ${shown} de ${total}. Use --search para acotar.`,
    age: (age) => `Lista obtenida ${age}.`,
    missing: 'ya no está en la lista del servidor',
  },
  add: {
    queued: 'en la cola', duplicate: 'repetida', rejected: 'rechazada',
    duplicateMessage: 'Esta foto de este paciente ya está en la cola o enviada.',
    reading: (done, total) => `Leyendo ${done} de ${total}`,
    summary: (queued, duplicates, rejected) => [
      `${queued} ${plural(queued, 'foto añadida', 'fotos añadidas')}`,
      ...(duplicates > 0 ? [`${duplicates} ${plural(duplicates, 'repetida', 'repetidas')}`] : []),
      ...(rejected > 0 ? [`${rejected} ${plural(rejected, 'rechazada', 'rechazadas')}`] : []),
    ].join(', '),
    safe: 'Puede retirar la tarjeta.',
    someNotTaken: 'Lo añadido está a salvo; lo rechazado sigue solo en la tarjeta o carpeta.',
  },
  sync: {
    nothing: 'No hay nada que enviar.',
    done: (completed, bytes, duration) => `${completed} ${plural(completed, 'foto enviada', 'fotos enviadas')} (${bytes}) en ${duration}.`,
    waiting: (count) => `${count} ${plural(count, 'sigue', 'siguen')} en espera.`,
    attention: (count) => `${count} ${plural(count, 'necesita', 'necesitan')} atención: relevo status --items`,
    left: (duration) => `quedan ${duration}`,
    paused: 'La cola está en pausa: relevo resume',
  },
  states: {
    queued: 'en cola', uploading: 'enviando', completing: 'terminando', completed: 'enviada', waiting: 'en espera', paused: 'en pausa', blocked: 'detenida',
    needsAttention: 'necesita atención', cancelled: 'cancelada',
  },
  counted: (count, state) => {
    const names = {
      queued: 'en cola', uploading: 'enviando', completing: 'terminando', completed: plural(count, 'enviada', 'enviadas'), waiting: 'en espera', paused: 'en pausa',
      blocked: plural(count, 'detenida', 'detenidas'), needsAttention: plural(count, 'necesita atención', 'necesitan atención'), cancelled: plural(count, 'cancelada', 'canceladas'),
    };
    return names[state];
  },
  blocked: { auth: 'hay que iniciar sesión', offline: 'sin conexión', circuit: 'pausa por errores' },
  retriesAt: (when) => `se reintenta ${when}`,
  queuePaused: 'Cola en pausa.', queueResumed: 'Cola reanudada.',
  uploadNow: (file, state) => `${file}: ${state}`,
  status: {
    account: 'Cuenta', queue: 'Cola', remaining: 'Por enviar', lastDay: 'Últimas 24 h', lastFailure: 'Último error', oldest: 'La más antigua', contract: 'Servidor', disk: 'Disco', key: 'Clave',
    administratorFile: 'El archivo de ajustes del administrador no se puede usar: no se lee, o algo en él no es válido. Las fotos se envían igual, con los demás ajustes. Avise a su administrador.',
    notSignedIn: 'sin sesión', expired: 'la sesión ha terminado', empty: 'vacía', paused: 'en pausa',
    left: (duration) => `quedan ${duration}`,
    free: (free, total, low) => `${free} libres de ${total}${low ? ': casi lleno; libere espacio o se rechazarán fotos nuevas' : ''}`,
    queueReplaced: (when) => `La cola estaba dañada y se rehízo con las fotos selladas (${when}). El archivo dañado se conserva en la carpeta de datos.`,
    figures: ({ completed, perMinute, median, p95, errors }) =>
      [`${completed} ${plural(completed, 'enviada', 'enviadas')}`, `${perMinute}/min`, ...(median ? [`mediana ${median}`] : []), ...(p95 ? [`p95 ${p95}`] : []), `intentos fallidos ${errors}`].join(' · '),
    contracts: { 'upload-sessions': 'envíos por partes', 'gateway-photo': 'una foto por paciente', 'own-keys': 'claves propias' },
    upTo: (size) => `hasta ${size}`,
    keys: { keychain: 'llavero del sistema', environment: 'RELEVO_KEY', 'key-file': 'archivo de clave en la carpeta de datos' },
    more: (count) => `… y ${count} más (--limit)`,
    columns: { id: 'ID', state: 'ESTADO', size: 'TAMAÑO', tries: 'INTENTOS', file: 'ARCHIVO', patient: 'PACIENTE' },
  },
};
