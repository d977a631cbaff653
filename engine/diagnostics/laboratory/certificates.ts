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
export async function selfSigned(options: { name: string; days: number }): Promise<KeyPair> {
  const folder = await mkdtemp(join(tmpdir(), 'relevo-laboratory-'));
  try {
    const key = join(folder, 'key.pem');
    const request = join(folder, 'request.pem');
    const cert = join(folder, 'cert.pem');
    const extensions = join(folder, 'extensions.cnf');
    const address = /^[\d.]+$/.test(options.name);
    await writeFile(extensions, `subjectAltName=${address ? 'IP' : 'DNS'}:${options.name}\nbasicConstraints=critical,CA:TRUE\n`);
    const openssl = (...parameters: string[]): Promise<unknown> => promisify(execFile)('openssl', parameters);
    await openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', request, '-subj', `/CN=${options.name}/O=Relevo laboratory`);
    await openssl('x509', '-req', '-in', request, '-signkey', key, '-days', String(options.days), '-extfile', extensions, '-out', cert);
    return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
