import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redact, redactFields } from './redact.ts';

const lower = fc.string({ minLength: 9, maxLength: 14, unit: fc.constantFrom(...'bcdfghjklmnpqrstvwxz') });
/** `FUZZ_RUNS` of the environment; a few are enough to find what is broken outright. */
const runs = Number(process.env.FUZZ_RUNS ?? 5_000);
const patience = 20_000 + runs * 2;

/** A word that no surrounding text holds by chance. */
const canary = lower.map((letters) => `Zq${letters}`);
const hex = fc.string({ minLength: 32, maxLength: 64, unit: fc.constantFrom(...'0123456789abcdef') }).filter((text) => /\d/.test(text));
const around = fc.string({ unit: 'binary', maxLength: 40 });
const base64url = fc.string({ minLength: 20, maxLength: 60, unit: fc.constantFrom(...'ABCDEFGHabcdefgh0123456789_-') });

/** Every shape in which a secret or a patient may come into a text, and what of it must not come out. */
const planted: fc.Arbitrary<{ text: string; secret: string }> = fc.oneof(
  fc.tuple(base64url, base64url, base64url).map(([a, b, c]) => ({ text: `eyJ${a}.eyJ${b}.${c}`, secret: b })),
  canary.map((name) => ({ text: `${name}@clinic.example`, secret: name })),
  canary.map((name) => ({ text: `María.${name}@clinic.example`, secret: name })),
  canary.map((name) => ({ text: `https://gw.example/media/patients/${name}/photo`, secret: name })),
  canary.map((name) => ({ text: `https://spaces.example:8000/bucket?X-Amz-Signature=${name}&x=1`, secret: name })),
  canary.map((name) => ({ text: `http://user:${name}@gw.example/`, secret: name })),
  canary.map((name) => ({ text: `/user/orgs/1/patients?search=${name}`, secret: name })),
  canary.map((name) => ({ text: `Bearer ${name}`, secret: name })),
  canary.map((name) => ({ text: `password=${name}`, secret: name })),
  canary.map((name) => ({ text: `refresh_token: ${name}`, secret: name })),
  canary.map((name) => ({ text: ` /home/ana/Fotos de ${name} (1)`, secret: name })),
  canary.map((name) => ({ text: ` C:\\Users\\Ana\\Fotos de ${name}`, secret: name })),
  canary.map((name) => ({ text: ` \\\\server\\share\\${name}`, secret: name })),
  canary.map((name) => ({ text: `fotos/de ${name}`, secret: name })),
  canary.map((name) => ({ text: `file:///media/Fotos de ${name}`, secret: name })),
  canary.map((name) => ({ text: `password: two words ${name}`, secret: name })),
  canary.map((name) => ({ text: `Foto de ${name} ayer.JPG`, secret: name })),
  canary.map((name) => ({ text: `open '${name}'`, secret: name })),
  canary.map((name) => ({ text: `open 'D'Arc ${name}'`, secret: name })),
  canary.map((name) => ({ text: `{"name":"${name}"}`, secret: name })),
  canary.map((name) => ({ text: `paciente «${name}»`, secret: name })),
  canary.map((name) => ({ text: `patient “${name}`, secret: name })),
  hex.map((digest) => ({ text: `digest ${digest}`, secret: digest })),
  fc.uuid().map((id) => ({ text: `patient ${id} is gone`, secret: id })),
  fc.integer({ min: 10_000_000, max: 999_999_999 }).map((number) => ({ text: `record ${number}`, secret: String(number) })),
);

describe('what a text may still hold', () => {
  test('no planted secret comes through, whatever stands around it', () => {
    fc.assert(fc.property(planted, around, around, ({ text, secret }, before, after) => {
      expect(redact(`${before} ${text} ${after}`)).not.toContain(secret);
    }), { numRuns: runs });
  }, patience);

  test('redacting twice changes nothing more', () => {
    fc.assert(fc.property(fc.array(fc.oneof(around, planted.map((one) => one.text)), { maxLength: 4 }), (pieces) => {
      const once = redact(pieces.join(' '));
      expect(redact(once)).toBe(once);
    }), { numRuns: 3000 });
  });

  test('a token that the length limit would cut in two does not come through in part', () => {
    const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N';
    for (const lead of [280, 290, 296, 3980, 3998]) {
      expect(redact(`${'word '.repeat(lead / 5)}${token}`)).not.toContain('eyJ');
    }
  });

  test('what support needs stays', () => {
    expect(redact('gateway answered 503 service_unavailable')).toBe('gateway answered 503 service_unavailable');
    expect(redact('ECONNREFUSED 127.0.0.1:8080')).toContain('ECONNREFUSED');
    expect(redact('https://gw.example:8443/media/patients/7/photo?x=1')).toBe('https://gw.example:8443/[path]');
    expect(redact('part 3/12 of image/jpeg')).toBe('part 3/12 of image/jpeg');
    expect(redact("can't resume")).toBe("can't resume");
    expect(redact('integrity-mismatch in part 3 of upload-sessions')).toBe('integrity-mismatch in part 3 of upload-sessions');
  });

  test('a hostile text does not take long', () => {
    const began = performance.now();
    for (const unit of ['a@', '/', "'a", 'a.', '?', '1 ', '\\', 'eyJ', 'x'.repeat(50), 'http://']) redact(unit.repeat(20_000));
    expect(performance.now() - began).toBeLessThan(1000);
  });
});

describe('which fields are kept', () => {
  test('those on the list, and a count of the others', () => {
    expect(redactFields({ code: 'stalled', part: 3, patientId: 'p-1', fileName: 'a.jpg', note: 'x', skipped: undefined }))
      .toEqual({ code: 'stalled', part: 3, omitted: 3 });
  });

  test('identifiers only in the form of one', () => {
    expect(redactFields({ uploadId: '0b6ee09e-8ee0-4c7c-a0f7-6d2b7ee2ac77', traceId: 'María' }))
      .toEqual({ uploadId: '0b6ee09e-8ee0-4c7c-a0f7-6d2b7ee2ac77', traceId: '[id]' });
  });

  test('a route without identifiers', () => {
    expect(redactFields({ route: '/media/uploads:batch' })).toEqual({ route: '/media/uploads:batch' });
    expect(redactFields({ route: '/media/patients/4711' })).toEqual({ route: '[path]' });
  });

  test('their texts are redacted', () => {
    expect(redactFields({ reason: "ENOENT: no such file, open '/media/Ana.jpg'" })).toEqual({ reason: 'ENOENT: no such file, open [quoted]' });
  });

  test('a code that is not known leaves no trace: a server can put anything there', () => {
    expect(redactFields({ code: 'upload_gone', detail: '503 service_unavailable' })).toEqual({ code: 'upload_gone', detail: '503 service_unavailable' });
    expect(redactFields({ code: 'maria_garcia', detail: 'gomez' })).toEqual({ code: '[code]', detail: '[code]' });
  });
});
