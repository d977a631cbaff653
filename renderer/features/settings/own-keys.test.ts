import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../shared/domain/failure.ts';
import type { OwnKeys } from '../../../shared/domain/own-keys.ts';
import { wordingFor } from '../../texts/texts-context.tsx';
import { checkKeys, type KeysDraft, keysDraftOf, technicalText, testSteps } from './own-keys.ts';

const english = wordingFor('en');
const texts = english.t.ownKeys;
const kept: OwnKeys = { endpoint: 'https://ams3.digitaloceanspaces.com', region: 'ams3', bucket: 'clinica-fotos', accessKeyId: 'DO00EXAMPLE', pathStyle: false };
const typed: KeysDraft = { ...kept, secretAccessKey: 'a+secret/of=some' };
const refused: Failure = { code: 'forbidden', disposition: 'needsAttention', endpoint: 'spaces', ambiguous: false, httpStatus: 403, detail: 'SignatureDoesNotMatch' };

describe('what is typed', () => {
  it('becomes what the engine takes, with the address completed', () => {
    expect(checkKeys({ ...typed, endpoint: ' ams3.digitaloceanspaces.com/ ' }, undefined, texts)).toEqual({ input: typed });
    expect(checkKeys({ ...typed, endpoint: 'http://127.0.0.1:9000', pathStyle: true }, undefined, texts)).toMatchObject({ input: { endpoint: 'http://127.0.0.1:9000', pathStyle: true } });
  });

  it('needs the secret for another key, and not for the one that is kept', () => {
    const { secretAccessKey: _unused, ...withoutSecret } = typed;
    expect(checkKeys(keysDraftOf(kept), kept, texts)).toEqual({ input: withoutSecret });
    expect(checkKeys({ ...keysDraftOf(kept), accessKeyId: 'DO00OTHER' }, kept, texts)).toEqual({ wrong: { secretAccessKey: texts.wrong.secretMissing } });
    expect(checkKeys({ ...keysDraftOf(kept), endpoint: 'https://other.example' }, kept, texts)).toEqual({ wrong: { secretAccessKey: texts.wrong.secretMissing } });
    expect(checkKeys({ ...keysDraftOf(kept), bucket: 'otro-bucket' }, kept, texts)).toEqual({ wrong: { secretAccessKey: texts.wrong.secretMissing } });
    expect(checkKeys({ ...typed, secretAccessKey: '' }, undefined, texts)).toEqual({ wrong: { secretAccessKey: texts.wrong.secretMissing } });
  });

  it.each([
    [{ endpoint: 'https://ams3.digitaloceanspaces.com/clinica-fotos' }, 'endpoint'],
    [{ endpoint: 'https://key:secret@ams3.digitaloceanspaces.com' }, 'endpoint'],
    [{ endpoint: '' }, 'endpoint'],
    [{ region: 'AMS 3' }, 'region'],
    [{ bucket: 'Fotos' }, 'bucket'],
    [{ bucket: 'ab' }, 'bucket'],
    [{ accessKeyId: 'with space' }, 'accessKeyId'],
    [{ secretAccessKey: 'with space' }, 'secretAccessKey'],
  ] as const)('is told what is wrong with %j', (part, field) => {
    expect(checkKeys({ ...typed, ...part }, undefined, texts)).toMatchObject({ wrong: { [field]: texts.wrong[field] } });
  });
});

describe('a test', () => {
  it('shows each step as it came out, and what to do about the one that failed', () => {
    const steps = testSteps(english, { passed: false, steps: [{ step: 'write', outcome: 'failed', failure: refused }, { step: 'read', outcome: 'not-tried' }, { step: 'delete', outcome: 'not-tried' }] });
    expect(steps.map(({ state }) => state)).toEqual(['failed', 'skipped', 'skipped']);
    expect(steps[0]!.note).toMatch(/^The secret key is not the one of this identifier\. Enter it again/);
    expect(testSteps(english, undefined).map(({ state }) => state)).toEqual(['running', 'running', 'running']);
  });

  it('has its code and what the store called it for support', () => {
    expect(technicalText(refused)).toBe('forbidden · HTTP 403 · SignatureDoesNotMatch');
  });
});
