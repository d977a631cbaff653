/** @file What is typed for the clinic's own Spaces account, and what a test of it means: pure. */
import type { Failure } from '../../../shared/domain/failure.ts';
import { type OwnKeys, type OwnKeysInput, ownKeysInputSchema, type OwnKeysTest } from '../../../shared/domain/own-keys.ts';
import { ownKeysAdvice, type OwnKeysAdvice } from '../../../shared/texts/own-keys.ts';
import type { Texts } from '../../texts/catalogue.ts';
import type { Wording } from '../../texts/texts-context.tsx';
import type { Step } from '../../ui/step-list.tsx';

export interface KeysDraft {
  endpoint: string;
  region: string;
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
  pathStyle: boolean;
}

export type KeysField = Exclude<keyof KeysDraft, 'pathStyle'>;

export function keysDraftOf(kept: OwnKeys | undefined): KeysDraft {
  return { endpoint: '', region: '', bucket: '', accessKeyId: '', pathStyle: false, ...kept, secretAccessKey: '' };
}

/** Whether the secret that is kept belongs to what is typed: it is never shown to another store. */
export function isKept(draft: KeysDraft, kept: OwnKeys | undefined): boolean {
  return kept !== undefined && draft.accessKeyId.trim() === kept.accessKeyId && draft.bucket.trim() === kept.bucket && originOf(draft.endpoint) === originOf(kept.endpoint);
}

/** @param kept the key in use: its secret need not be entered again at the same place */
export function checkKeys(draft: KeysDraft, kept: OwnKeys | undefined, t: Texts['ownKeys']): { input: OwnKeysInput } | { wrong: Partial<Record<KeysField, string>> } {
  const secret = draft.secretAccessKey.trim();
  const endpoint = originOf(draft.endpoint);
  const parsed = ownKeysInputSchema.safeParse({
    endpoint: endpoint ?? '',
    region: draft.region.trim(),
    bucket: draft.bucket.trim(),
    accessKeyId: draft.accessKeyId.trim(),
    pathStyle: draft.pathStyle,
    ...(secret === '' ? {} : { secretAccessKey: secret }),
  });
  const fields = new Set(parsed.error?.issues.map(({ path }) => path[0] as KeysField) ?? []);
  const wrong = Object.fromEntries([...fields].map((field) => [field, t.wrong[field]])) as Partial<Record<KeysField, string>>;
  if (secret === '' && !isKept(draft, kept)) wrong.secretAccessKey = t.wrong.secretMissing;
  return parsed.success && Object.keys(wrong).length === 0 ? { input: parsed.data } : { wrong };
}

/** `ams3.digitaloceanspaces.com` means https. A path belongs to the bucket, which has a field of its own. */
function originOf(typed: string): string | undefined {
  const text = typed.trim();
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  if (text === '' || !URL.canParse(address)) return undefined;
  const { origin, pathname, search, hash, username, password } = new URL(address);
  return (pathname === '/' || pathname === '') && search === '' && hash === '' && username === '' && password === '' ? origin : undefined;
}

/** @param test absent while it runs */
export function testSteps(wording: Wording, test: OwnKeysTest | undefined): Step[] {
  const { ownKeys } = wording.t;
  if (!test) return (['write', 'read', 'delete'] as const).map((step) => ({ key: step, state: 'running', what: ownKeys.steps[step], word: ownKeys.outcomes.running }));
  return test.steps.map(({ step, outcome, failure }) => ({
    key: step,
    state: outcome === 'not-tried' ? 'skipped' : outcome,
    what: ownKeys.steps[step],
    word: ownKeys.outcomes[outcome],
    ...(failure ? { note: noteOf(ownKeysAdvice(wording.language, step, failure)) } : {}),
  }));
}

const noteOf = ({ what, next }: OwnKeysAdvice): string => `${what} ${next}`;

/** For whoever looks it up: the code, the status and what the store called it. */
export function technicalText({ code, httpStatus, detail }: Failure): string {
  return [code, httpStatus === undefined ? undefined : `HTTP ${httpStatus}`, detail].filter(Boolean).join(' · ');
}
