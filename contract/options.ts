import { parseArgs } from 'node:util';
import { settingsSchema } from '../shared/domain/settings.ts';
import type { Language } from '../shared/texts/language.ts';
import { contractTexts } from './texts.ts';

export interface ContractOptions {
  /** Without a slash at its end. */
  gateway: string;
  email: string;
  /** Undefined: it is to be read from standard input. */
  password: string | undefined;
  patientId: string | undefined;
  record: string;
  /** Folder for the copy of the patient's photo. */
  copies: string;
  compare: string | undefined;
  json: boolean;
  language: Language;
}

/** A sentence for a person, who asked for something that cannot be. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * @param environment `RELEVO_CONTRACT_PASSWORD` is looked at
 * @returns `help` where that is all that was asked for
 * @throws UsageError, in the language that was asked for
 */
export function readOptions(args: readonly string[], environment: Readonly<Record<string, string | undefined>>): ContractOptions | { help: Language } {
  const language = languageOf(args);
  const texts = contractTexts[language].usage;
  const values = parse(args, texts);
  if (values.help) return { help: language };
  if (values.language !== 'es' && values.language !== 'en') throw new UsageError(texts.language);
  for (const name of ['gateway', 'email'] as const) if (values[name] === undefined) throw new UsageError(texts.missing(`--${name}`));
  const { email = '', patient, record, copies, compare, json } = values;
  if (email.trim() === '') throw new UsageError(texts.email);
  return { gateway: readGateway(values.gateway, texts.gateway), email: email.trim(), password: readPassword(), patientId: patient || undefined, record, copies, compare, json, language };

  function readPassword(): string | undefined {
    const given = [values.password, environment.RELEVO_CONTRACT_PASSWORD].filter((password) => password !== undefined && password !== '');
    if (given.length + (values['password-stdin'] ? 1 : 0) !== 1) throw new UsageError(texts.password);
    return given[0];
  }
}

function parse(args: readonly string[], texts: { unknown: string; positional: string }) {
  try {
    return parseArgs({
      args: [...args], allowPositionals: false,
      options: {
        'gateway': { type: 'string' }, 'email': { type: 'string' }, 'password': { type: 'string' }, 'password-stdin': { type: 'boolean', default: false },
        'patient': { type: 'string' }, 'record': { type: 'string', default: 'test-results/contract-record.json' }, 'compare': { type: 'string' },
        /* In no record's folder by default: git must never see a patient's photo. */
        'copies': { type: 'string', default: 'test-results/contract' },
        'json': { type: 'boolean', default: false }, 'language': { type: 'string', default: 'en' }, 'help': { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    // Node's own message repeats what was typed, and that may be a password.
    throw new UsageError(error instanceof Error && 'code' in error && error.code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL' ? texts.positional : texts.unknown);
  }
}

function readGateway(text: string | undefined, complaint: string): string {
  const gateway = settingsSchema.shape.gateway.safeParse(text).data;
  if (gateway === undefined) throw new UsageError(complaint);
  return gateway;
}

/** Known before anything else is, so that also a complaint comes in it. */
function languageOf(args: readonly string[]): Language {
  const at = args.findIndex((argument) => /^--language(=|$)/.test(argument));
  const value = args[at]?.split('=')[1] ?? args[at + 1];
  return at >= 0 && value === 'es' ? 'es' : 'en';
}
