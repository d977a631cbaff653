import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface KeyPair { key: string; cert: string }

/**
 * Made by `openssl`, which every Debian and macOS has and every Git for Windows brings.
 *
 * @param days how long it is good, from now; -1 makes one that ended a day ago (openssl goes no further back).
 */
export function selfSigned(options: { name: string; days: number }): Promise<KeyPair> {
  return make(options, undefined);
}

/** One that an authority has signed, as that of a filter or of a clinic's own servers. */
export function signedBy(authority: KeyPair, options: { name: string; days: number }): Promise<KeyPair> {
  return make(options, authority);
}

async function make(options: { name: string; days: number }, authority: KeyPair | undefined): Promise<KeyPair> {
  const folder = await mkdtemp(join(tmpdir(), 'relevo-laboratory-'));
  try {
    const file = (name: string): string => join(folder, name);
    const openssl = (...parameters: string[]): Promise<unknown> => promisify(execFile)('openssl', parameters);
    const kind = /^[\d.]+$/.test(options.name) ? 'IP' : 'DNS';
    await writeFile(file('extensions.cnf'), `subjectAltName=${kind}:${options.name}\nbasicConstraints=critical,CA:${authority ? 'FALSE' : 'TRUE'}\n`);
    if (authority) await Promise.all([writeFile(file('authority.pem'), authority.cert), writeFile(file('authority-key.pem'), authority.key)]);
    const signer = authority ? ['-CA', file('authority.pem'), '-CAkey', file('authority-key.pem'), '-CAcreateserial'] : ['-signkey', file('key.pem')];
    await openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', file('key.pem'), '-out', file('request.pem'), '-subj', `/CN=${options.name}/O=Relevo laboratory`);
    await openssl('x509', '-req', '-in', file('request.pem'), ...signer, '-days', String(options.days), '-extfile', file('extensions.cnf'), '-out', file('cert.pem'));
    return { key: await readFile(file('key.pem'), 'utf8'), cert: await readFile(file('cert.pem'), 'utf8') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
