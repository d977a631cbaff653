import type { ContractName } from '../domain/account.ts';
import type { Block, UploadStateName } from '../domain/upload.ts';
import type { OwnKeysTest } from '../domain/own-keys.ts';
import type { NetworkState } from '../domain/network.ts';
import type { Status, SyncResult } from '../engine-contract.ts';
import { commandLineEn } from './command-line-en.ts';
import { commandLineEs } from './command-line-es.ts';
import type { Language } from './language.ts';

type Named = (name: string) => string;
type Counted = (count: number) => string;

/** The sentences of the command line. A language that lacks one does not compile. */
export interface CommandLineTexts {
  help: Record<
    | 'program' | 'more' | 'usageTitle' | 'argumentsTitle' | 'optionsTitle' | 'commandsTitle' | 'globalOptionsTitle' | 'helpOption' | 'helpCommand' | 'version'
    | 'optionsWord' | 'commandWord' | 'dataDir' | 'json' | 'config' | 'configGet' | 'configSet' | 'configUnset' | 'people' | 'peopleMore' | 'login' | 'email' | 'passwordStdin' | 'logout'
    | 'patients' | 'search' | 'refresh' | 'limit' | 'patientsMore' | 'add' | 'patient' | 'note' | 'tag' | 'priority' | 'paths' | 'addMore'
    | 'sync' | 'timeout' | 'syncMore' | 'status' | 'items' | 'statusMore' | 'pause' | 'resume' | 'retry' | 'cancel' | 'uploadId' | 'sandbox' | 'network' | 'networkMore' | 'proxyUser' | 'proxyPasswordStdin' | 'forgetProxySignIn' | 'doctor' | 'doctorMore' | 'only' | 'bundle' | 'bundleMore' | 'yes' | 'ownKeys' | 'ownKeysMore' | 'ownKeysShow' | 'ownKeysTest' | 'ownKeysSet' | 'ownKeysRemove' | 'endpoint' | 'region' | 'bucket' | 'keyId' | 'pathStyle' | 'secretStdin' | 'recover' | 'recoverTo' | 'recoverMore', string>;
  usage: {
    unknownOption: Named; unknownCommand: Named; missingArgument: Named; missingOption: Named; missingValue: Named; wrongValue: Named; hint: Named;
    emptyValue: Named; lengthAllowed: Counted; secondsAllowed: Counted;
    numberAllowed(least: number, most: number): string;
    timesAllowed(name: string, most: number): string;
    oneOf(values: readonly string[]): string;
    tooManyArguments: string; wrong: string; passwordNeeded: string; noHome: string; addressAllowed: string;
  };
  interrupted: string;
  /** @param code the system's, such as ENOSPC */
  outputLost(code: string): string;
  noSandbox: string;
  /** Which way photos take to the store, and what came of asking the server last. */
  way: { inForce(contract: string | undefined, since: string | undefined): string; learnt(contract: string, when: string): string; unclear(detail: string, when: string): string; doubted: Named };
  doctor: { staff: string; support: string; evidence: string; probable: string; unknownCode: Named; probes(ran: number, broken: number): string; photosSafe: Counted; setGateway: string };
  bundle: { failed: string; leftOut: string; written(file: string, size: string): string; targetFull: Named; targetUnwritable(file: string, code: string): string };
  passwordPrompt: string;
  ownKeys: {
    secretPrompt: string; none: string; noneToTest: string; passed: string; saved: string; notSaved: string; notPassed: string; removed: string; secretMissing: string;
    steps: Record<OwnKeysTest['steps'][number]['step'], string>;
    outcomes: Record<OwnKeysTest['steps'][number]['outcome'], string>;
    labels: Record<'endpoint' | 'region' | 'bucket' | 'accessKeyId' | 'pathStyle', string>;
    yes: string; no: string;
  };
  unknownPatient: string;
  /** By the reasons of the engine's `DataKeyError`. */
  key: Record<'in-keychain' | 'keychain-locked' | 'not-made-yet' | 'missing' | 'environment-invalid' | 'file-damaged' | 'file-unreadable' | 'file-exposed' | 'file-unwritable', string>;
  /** By the reasons of the engine's `DatabaseError`. */
  database: Record<'damaged' | 'wrong-key' | 'newer-version' | 'disk-full' | 'unwritable' | 'in-use' | 'unknown', string>;
  /** The folder that was named for the data is there, and holds something else. */
  foreignFolder: Named;
  /** The data folder is taken and its holder does not answer. */
  inUse(holder: { kind: 'app' | 'cli'; pid: number; since: string } | undefined): string;
  recover: {
    noSpool: Named; noKey: string; targetFull: string; targetUnwritable: string;
    reading(done: number, total: number): string;
    damaged(which: string, reason: string): string;
    summary(recovered: number, damaged: number, folder: string): string;
  };
  notSet: string;
  fixedByAdministrator: string;
  setTo(key: string, value: string): string;
  signedIn(name: string, gateway: string): string;
  /** Somebody else was signed in, and photos of theirs wait. */
  leftBehind(name: string, waiting: number): string;
  signedOut: string;
  people: { none: string; waiting: Counted };
  patients: { none: string; notRefreshed(why: string): string; more(shown: number, total: number): string; age: Named; missing: string };
  add: {
    queued: string; duplicate: string; rejected: string; duplicateMessage: string;
    reading(done: number, total: number): string;
    summary(queued: number, duplicates: number, rejected: number): string;
    safe: string; someNotTaken: string;
    /** Where the server keeps one photo of each patient. */
    replaceAsk: string; mayReplaceAsk: string; replaceYes: RegExp; replaceTold: string; mayReplaceTold: string; keptAsItIs: string; onlyTheLast: string;
  };
  sync: { nothing: string; done(completed: number, bytes: string, duration: string): string; waiting: Counted; attention: Counted; left: Named; why: Record<NonNullable<SyncResult['reason']>, string> };
  network: Record<'way' | 'direct' | 'wayUnknown' | 'signIn' | 'signInKept' | 'signInNone' | 'proxyAsks' | 'proxyRefuses' | 'metered' | 'limit' | 'limitNone' | 'notBoth' | 'passwordNeeded', string> & {
    proxy: Named;
    meteredIs: Record<NetworkState['metered'], string>;
    hold: Record<NonNullable<NetworkState['hold']>, string>;
  };
  states: Record<UploadStateName, string>;
  /** The state's name after a number. */
  counted(count: number, state: UploadStateName): string;
  blocked: Record<Block, string>;
  retriesAt: Named;
  queuePaused: string;
  queueResumed: string;
  uploadNow(file: string, state: string): string;
  /** What was asked of a photo cannot be done in the state that it is in. */
  notInThisState(file: string, state: string): string;
  status: Record<'account' | 'queue' | 'remaining' | 'lastDay' | 'lastFailure' | 'oldest' | 'contract' | 'key' | 'disk' | 'administratorFile' | 'notSignedIn' | 'expired' | 'empty' | 'paused', string> & {
    left: Named;
    free(free: string, total: string, low: boolean): string;
    queueReplaced: Named;
    withoutGateway: Counted;
    figures(figures: { completed: number; perMinute: string; median: string | undefined; p95: string | undefined; errors: string }): string;
    contracts: Record<ContractName, string>;
    upTo: Named;
    keys: Record<Status['keySource'], string>;
    more: Counted;
    columns: Record<'id' | 'state' | 'size' | 'tries' | 'file' | 'patient', string>;
  };
}

const catalogues: Record<Language, CommandLineTexts> = { es: commandLineEs, en: commandLineEn };

export function commandLineTexts(language: Language): CommandLineTexts {
  return catalogues[language];
}
