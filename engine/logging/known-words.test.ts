import { getSystemErrorMap } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isIdentifier, isKnownCode } from './known-words.ts';

test.each([
  'ECONNREFUSED', 'EHOSTUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'ESERVFAIL', 'E113', 'E28', 'UNKNOWN', '503', 'TypeError', 'undefined',
  'ERR_TLS_CERT_ALTNAME_INVALID', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
  'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_CERT_AUTHORITY_INVALID', 'ERR_PROXY_CONNECTION_FAILED',
  'ERR_TUNNEL_CONNECTION_FAILED', 'ERR_NAME_NOT_RESOLVED', 'ERR_INTERNET_DISCONNECTED', 'ERR_EMPTY_RESPONSE', 'ERR_FAILED', 'ERR_INVALID_URL',
  'CERT_HAS_EXPIRED', 'CERT_REJECTED', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN',
  'HOSTNAME_MISMATCH', 'INVALID_CA', 'SQLITE_CORRUPT', 'SQLITE_IOERR_SHORT_READ', 'SQLITE_FULL', 'HPE_INVALID_HEADER_TOKEN', 'UND_ERR_SOCKET', 'PROXY_UNSUPPORTED',
  'upload_gone', 'service_unavailable', 'Presigned.AccessDenied', 'proxy-auth:refused:basic.ntlm', 'AUTH_EXPIRED', 'PATH_TIMEOUT',
])('%s is a code that is known', (code) => {
  expect(isKnownCode(code)).toBe(true);
});

test('so is every code that this system itself can give', () => {
  const codes = [...getSystemErrorMap().values()].map(([code]) => code);
  expect(codes.filter((code) => !isKnownCode(code))).toEqual([]);
});

test.each([
  'ELENA', 'ESPINOZA', 'EDUARDO', 'ECHEVERRIA', 'AUTH_GARCIA_LOPEZ', 'PATH_JUAN', 'ERR_MARIA', 'ERR_CERT_GARCIA', 'PROXY_CONSULTA_NORTE', 'INVALID_PATIENT_ANA', 'CERT_',
  'EAI_PEREZ', 'SQLITE_JUAN', 'E1234', 'E134', '4711', '12', '1984', '8123', 'GarciaError', 'maria_garcia', 'Presigned.ESPINOZA', 'AUTH_EXPIRED_JUAN',
])('%s is somebody’s, or may be', (text) => {
  expect(isKnownCode(text)).toBe(false);
});

test('no name becomes a code by what stands before it', () => {
  const name = fc.string({ minLength: 5, maxLength: 12, unit: fc.constantFrom(...'ABCDFGHIJKLMNOPQRSTUVWXYZ') }).map((letters) => `ZQ${letters}`);
  const before = fc.constantFrom('E', 'ERR_', 'CERT_', 'AUTH_', 'PATH_', 'PROXY_', 'SQLITE_', 'HPE_', 'UND_ERR_', 'INVALID_', 'UNABLE_TO_', 'SELF_SIGNED_', 'EAI_', '');
  fc.assert(fc.property(before, name, fc.constantFrom('', '_FAILED', '_ERROR', '1'), (head, middle, tail) => {
    expect(isKnownCode(head + middle + tail)).toBe(false);
  }), { numRuns: 2000 });
});

test.each(['0b6ee09e-8ee0-4c7c-a0f7-6d2b7ee2ac77', '3F2504E0-4F89-41D3-9A0C-0305E82C3301', '01ARZ3NDEKTSV4RRFFQ69G5FAV', '3d4ba9c07da0466cad7d80cd2ae44eb5', '4bf92f3577b34da6'])('%s is an identifier', (text) => {
  expect(isIdentifier(text)).toBe(true);
});

test.each([
  '1984-05-23', '5512345678', '12345678', '1234567890123456', '2026-11-22-1984-05-23', '1984052319840523', '55-1234-5678', 'deadbeef', 'ADABECA1', 'fabada-cabeza', 'facadefacadefacade',
  'MARIA-GARCIA-1984', '0b6ee09e8ee04c7', '0b6ee09e-8ee0-4c7c-a0f7', '',
])('%s is none', (text) => {
  expect(isIdentifier(text)).toBe(false);
});
