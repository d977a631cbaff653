import { describe, expect, test } from 'vitest';
import { failureCodeSchema, type Failure } from '../domain/failure.ts';
import { rejectionCodeSchema } from '../domain/ingest.ts';
import { callErrorCodeSchema } from '../rpc/call-error.ts';
import { callErrorText } from './call-errors.ts';
import { failureText } from './failures.ts';
import { rejectionText } from './rejections.ts';

const failure = (code: Failure['code'], disposition: Failure['disposition'], more: Partial<Failure> = {}): Failure =>
  ({ code, disposition, endpoint: 'gateway', ambiguous: false, ...more });

describe('what a failure means', () => {
  test.each(['es', 'en'] as const)('is told in three whole sentences for every code (%s)', (language) => {
    for (const code of failureCodeSchema.options) {
      for (const disposition of ['retry', 'wait', 'signIn', 'needsAttention'] as const) {
        for (const sentence of Object.values(failureText(language, failure(code, disposition)))) {
          expect(sentence).toMatch(/^[A-ZÁÉÍÓÚ][^{}]+\.$/u);
          expect(sentence).not.toContain('undefined');
        }
      }
    }
    for (const code of rejectionCodeSchema.options) {
      for (const sentence of Object.values(rejectionText(language, { code }))) expect(sentence).toMatch(/^[A-ZÁÉÍÓÚ][^{}]+\.$/u);
    }
    for (const code of callErrorCodeSchema.options) {
      for (const sentence of Object.values(callErrorText(language, code))) expect(sentence).toMatch(/^[A-ZÁÉÍÓÚ][^{}]+\.$/u);
    }
  });

  test('names who did not answer and how long we were asked to wait', () => {
    expect(failureText('es', failure('rate-limited', 'wait', { endpoint: 'spaces', retryAfterMs: 30_000 })).what)
      .toBe('Hay mucho tráfico en el almacén de fotos y ha pedido esperar 30 s.');
    expect(failureText('en', failure('connection-refused', 'wait')).what).toBe('Cannot connect to the server: it is not running.');
  });

  test('says what a proxy wants, as far as it said it', () => {
    const what = (detail: string): string => failureText('en', failure('proxy-auth-required', 'wait', { detail })).what;
    expect(what('proxy-auth:basic')).toBe('The network asks for a proxy user name and password.');
    expect(what('proxy-auth:refused:basic.ntlm')).toBe('The network’s proxy does not accept the user name or password that is kept.');
    expect(what('proxy-auth:negotiate.ntlm')).toBe('The network’s proxy only takes a kind of sign-in that Relevo cannot do (NEGOTIATE, NTLM).');
    expect(what('other')).toBe(what(''));
  });

  test('never says that there is nothing to do about a photo that needs somebody', () => {
    for (const code of failureCodeSchema.options) {
      const text = failureText('en', failure(code, 'needsAttention'));
      expect(text.next).not.toMatch(/Nothing to do/);
      expect(text.photos).not.toMatch(/by itself/);
    }
  });
});

describe('why a file was not taken', () => {
  test('names the size and the limit', () => {
    expect(rejectionText('es', { code: 'too-large', sizeBytes: 6 * 1024 * 1024, limitBytes: 5 * 1024 * 1024 }).what)
      .toBe('La foto pesa 6 MB y el servidor acepta hasta 5 MB.');
  });

  test('does not say that 5 MB is more than 5 MB', () => {
    expect(rejectionText('en', { code: 'too-large', sizeBytes: 5 * 1024 * 1024 + 1, limitBytes: 5 * 1024 * 1024 }).what)
      .toBe('The photo is too large, and the server accepts up to 5 MB.');
  });

  test('names the type that was found, and shows nothing else that a detail may hold', () => {
    expect(rejectionText('en', { code: 'type-not-accepted', detail: 'image/heic' }).what).toBe('The server does not accept HEIC images.');
    expect(rejectionText('en', { code: 'type-not-accepted', detail: '/home/x/secret' }).what).toBe('The server does not accept this type of image.');
  });

  test('says to who has an iPhone which setting of it makes photos that are accepted', () => {
    const heic = { code: 'type-not-accepted', detail: 'image/heic' } as const;
    expect(rejectionText('es', heic)).toEqual({
      what: 'El servidor no acepta imágenes HEIC.', photos: 'No se añadió. El archivo sigue donde estaba y las demás fotos no se ven afectadas.',
      next: 'Guarde una copia en JPEG y añada la copia. Para que el iPhone haga las próximas fotos en JPEG: Ajustes > Cámara > Formatos > Más compatible.',
    });
    expect(rejectionText('en', heic).next).toContain('Settings > Camera > Formats > Most Compatible.');
    expect(rejectionText('en', { ...heic, detail: 'image/webp' }).next).not.toContain('iPhone');
  });
});
