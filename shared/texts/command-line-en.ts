import type { CommandLineTexts } from './command-line.ts';

const plural = (count: number, one: string, many: string): string => (count === 1 ? one : many);

export const commandLineEn: CommandLineTexts = {
  help: {
    program: 'Sends photos of patients and never loses one.',
    more: `Exit codes: 0 all well; 1 it could not be done; 2 wrong usage;
  add: 3 if a file was rejected;
  recover: 3 if a photo is damaged;
  sync: 3 if a photo needs attention, 4 if one still waits; 130 when interrupted.
With --json, results and errors are JSON with schema_version 1; an error is
  {"schema_version":1,"error":{"code","message"}}.
Language: that of LANG if it is Spanish or English; otherwise that of the settings.`,
    usageTitle: 'Usage:', argumentsTitle: 'Arguments:', optionsTitle: 'Options:', commandsTitle: 'Commands:', globalOptionsTitle: 'Global options:', helpOption: 'shows this help', helpCommand: 'shows the help of a command',
    version: 'shows the version', optionsWord: 'options', commandWord: 'command',
    dataDir: 'data folder (otherwise RELEVO_DATA_DIR, or the system’s, the same as the app’s)', json: 'results as JSON',
    config: 'shows or changes the settings: gateway, language, theme, concurrency', configGet: 'shows one setting, or all', configSet: 'changes a setting',
    login: 'signs in at the server', email: 'e-mail address of the account', passwordStdin: 'reads the password from standard input', logout: 'signs out; the queue is kept for its owner',
    patients: 'lists the patients', search: 'only those whose name holds the text (accents do not matter)', refresh: 'asks the server even if there is a recent list', limit: 'how many at most',
    patientsMore: 'JSON: one document {schema_version, patients: [{id, name, detail?, missing?}], total, fetchedAt}.',
    add: 'adds photos to the queue of a patient', patient: 'the patient’s identifier', note: 'a note for the photos', tag: 'a tag; may be repeated', priority: 'high, normal or low', paths: 'photos, or folders, which are walked',
    addMore: 'JSON: one line a file {schema_version, file, outcome: queued|duplicate|rejected, id?, sizeBytes?, code?, message?}, in the order given.',
    sync: 'sends until nothing more can be sent now', timeout: 'seconds at most', syncMore: 'JSON: {schema_version, completed, waiting, needsAttention, bytes, seconds}.',
    status: 'shows the state of the queue', items: 'the photos as well, newest first', statusMore: 'JSON: {schema_version, counts, transfer, account, uploads, oldestWaitingAt?, uptimeMs, disk?, queueReplacedAt?, keySource, items?, itemsTotal?}.',
    pause: 'pauses the queue, or one photo', resume: 'resumes the queue, or one photo', retry: 'tries a photo again', cancel: 'cancels a photo', uploadId: 'the photo’s identifier (see status --items)',
    recover: 'decrypts the photos that are kept in the data folder, without the queue', recoverTo: 'folder for the photos and their index.json',
    recoverMore: 'JSON: {schema_version, folder, index, recovered, damaged, photos: [{id, verified, file?, reason?, originalName?, patientId?, patientName?, sha256?, …}]}.',
    doctor: 'checks the connection and says what is wrong with it', only: 'look for this one alone, such as CLOCK_SKEW',
    doctorMore: 'Exit codes: 0 healthy, 3 failing, 4 degraded, 5 cause not found.\nJSON: {schema_version, diagnosis: {code, severity, certainty, since, evidence, overlays}, probes}',
    bundle: 'writes a zip for support, without patients, photos, accounts or addresses',
    bundleMore: 'JSON: {schema_version, file, sizeBytes, files: [{path, sizeBytes, failed}], leftOut}',
    sandbox: 'starts a server for trying things out on this computer',
  },
  usage: {
    unknownOption: (name) => `There is no option ${name}.`,
    unknownCommand: (name) => `There is no command ${name}.`,
    missingArgument: (name) => `${name} is missing.`,
    missingOption: (name) => `The option ${name} is missing.`,
    missingValue: (name) => `The value of ${name} is missing.`,
    tooManyArguments: 'There are too many arguments.',
    wrongValue: (name) => `The value of ${name} is not valid.`,
    wrong: 'The command is not understood.',
    hint: (command) => `To see how it is used: ${command} --help`,
    passwordNeeded: 'Without a terminal, the password is read with --password-stdin.',
  },
  interrupted: 'Interrupted. What is in the queue is still safe.',
  doctor: {
    staff: 'To do', support: 'For support', evidence: 'Evidence', probable: 'probable', unknownCode: (code) => `There is no diagnosis named ${code}.`,
    probes: (ran, broken) => `${ran} ${plural(ran, 'check', 'checks')} made${broken > 0 ? `, ${broken} could not be made` : ''}.`,
  },
  bundle: {
    failed: 'could not be gathered; the file says why',
    leftOut: 'Left out: patients, file names, notes, photos, accounts, tokens and keys, texts of servers; network addresses are replaced.',
    written: (file, size) => `Written: ${file} (${size})`,
  },
  noSandbox: 'The server for trying things out does not come with this installation.',
  passwordPrompt: 'Password: ',
  unknownPatient: 'There is no patient with this identifier. See the list with: relevo patients',
  key: {
    'in-keychain': 'The key of this folder is in the system’s keychain: open the Relevo app and repeat the command.',
    'environment-invalid': 'RELEVO_KEY is not a valid key (32 bytes in base64).',
    'file-damaged': 'The key file in the data folder is damaged. Do not delete it: tell support.',
    'file-unreadable': 'The key file in the data folder cannot be read.',
    'file-exposed': 'Others on this computer may read the key file, and this could not be mended.',
    'file-unwritable': 'The data folder cannot be written to.',
  },
  database: {
    damaged: 'The queue in this data folder is damaged. Nothing is deleted: repeat the command, and Relevo puts the damaged file aside and makes a new queue from the sealed photos.',
    'wrong-key': 'The key is not this data folder’s. Nothing is damaged and the photos are still there: use the key that it was made with.',
    'newer-version': 'This data folder is of a newer version of Relevo, which alone may use it. Its photos are untouched. Update Relevo.',
    'disk-full': 'The disk is full. The photos in the queue are safe. Free some space and repeat the command.',
    unwritable: 'The data folder cannot be written to.',
    'in-use': 'Another program is using the queue. Repeat the command in a few seconds.',
    unknown: 'The queue in this data folder cannot be opened. Do not delete anything: tell support.',
  },
  inUse: (holder) => holder
    ? `Another Relevo is using this data folder: ${holder.kind === 'app' ? 'the app' : 'a command'} (process ${holder.pid}, since ${holder.since.slice(0, 19).replace('T', ' ')} UTC). Close it, or wait for its end, and repeat the command.`
    : 'Another Relevo is using this data folder. Close it, or wait for its end, and repeat the command.',
  recover: {
    noSpool: (folder) => `There are no kept photos in ${folder}.`,
    noKey: 'The key of this folder is missing: neither RELEVO_KEY nor the file data.key. Without it nobody can open the photos; put it back and repeat the command.',
    targetFull: 'The disk to which the photos are written is full. Those already written are whole. Free some space, or choose another folder, and repeat the command.',
    targetUnwritable: 'The folder for the photos cannot be written to.',
    reading: (done, total) => `Decrypting ${done} of ${total}`,
    damaged: (which, reason) => `not recovered: ${which}: ${({ damaged: 'the copy is damaged', 'wrong-key': 'sealed with another key', missing: 'it is gone' } as Record<string, string>)[reason] ?? 'it cannot be read'}`,
    summary: (recovered, damaged, folder) => `${recovered} ${plural(recovered, 'photo', 'photos')} in ${folder}${damaged > 0 ? `; ${damaged} not recovered` : ''}. They are no longer encrypted there: keep the folder safe. Nothing was removed from the data folder.`,
  },
  notSet: 'not set',
  setTo: (key, value) => `${key}: ${value}`,
  signedIn: (name, gateway) => `Signed in: ${name} at ${gateway}`,
  signedOut: 'Signed out. The queue is kept for its owner.',
  patients: {
    none: 'No patient was found.',
    more: (shown, total) => `Showing ${shown} of ${total}. Use --search to narrow it down.`,
    age: (age) => `List fetched ${age}.`,
    missing: 'no longer in the server’s list',
  },
  add: {
    queued: 'queued', duplicate: 'duplicate', rejected: 'rejected',
    duplicateMessage: 'This photo of this patient is already queued or sent.',
    reading: (done, total) => `Reading ${done} of ${total}`,
    summary: (queued, duplicates, rejected) => [
      `${queued} ${plural(queued, 'photo', 'photos')} added`,
      ...(duplicates > 0 ? [`${duplicates} ${plural(duplicates, 'duplicate', 'duplicates')}`] : []),
      ...(rejected > 0 ? [`${rejected} rejected`] : []),
    ].join(', '),
    safe: 'It is safe to remove the card.',
    someNotTaken: 'What was added is safe; what was rejected is still only on the card or in the folder.',
  },
  sync: {
    nothing: 'There is nothing to send.',
    done: (completed, bytes, duration) => `${completed} ${plural(completed, 'photo', 'photos')} sent (${bytes}) in ${duration}.`,
    waiting: (count) => `${count} still ${plural(count, 'waits', 'wait')}.`,
    attention: (count) => `${count} ${plural(count, 'needs', 'need')} attention: relevo status --items`,
    left: (duration) => `${duration} left`,
    paused: 'The queue is paused: relevo resume',
  },
  states: {
    queued: 'queued', uploading: 'sending', completing: 'finishing', completed: 'sent', waiting: 'waiting', paused: 'paused', blocked: 'held up',
    needsAttention: 'needs attention', cancelled: 'cancelled',
  },
  counted: (count, state) => (state === 'needsAttention' ? plural(count, 'needs attention', 'need attention') : commandLineEn.states[state]),
  blocked: { auth: 'sign in needed', offline: 'no connection', circuit: 'paused after errors' },
  retriesAt: (when) => `tried again ${when}`,
  queuePaused: 'Queue paused.', queueResumed: 'Queue resumed.',
  uploadNow: (file, state) => `${file}: ${state}`,
  status: {
    account: 'Account', queue: 'Queue', remaining: 'To send', lastDay: 'Last 24 h', lastFailure: 'Last error', oldest: 'Oldest', contract: 'Server', disk: 'Disk', key: 'Key',
    notSignedIn: 'not signed in', expired: 'the session has ended', empty: 'empty', paused: 'paused',
    left: (duration) => `${duration} left`,
    free: (free, total, low) => `${free} free of ${total}${low ? ': nearly full; free some space, or new photos will be refused' : ''}`,
    queueReplaced: (when) => `The queue was damaged and was made anew from the sealed photos (${when}). The damaged file is kept in the data folder.`,
    figures: ({ completed, perMinute, median, p95, errors }) =>
      [`${completed} sent`, `${perMinute}/min`, ...(median ? [`median ${median}`] : []), ...(p95 ? [`p95 ${p95}`] : []), `failed tries ${errors}`].join(' · '),
    contracts: { 'upload-sessions': 'uploads in parts', 'gateway-photo': 'one photo per patient', 'own-keys': 'own keys' },
    upTo: (size) => `up to ${size}`,
    keys: { keychain: 'the system’s keychain', environment: 'RELEVO_KEY', 'key-file': 'key file in the data folder' },
    more: (count) => `… and ${count} more (--limit)`,
    columns: { id: 'ID', state: 'STATE', size: 'SIZE', tries: 'TRIES', file: 'FILE', patient: 'PATIENT' },
  },
};
