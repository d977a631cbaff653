import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunCommand } from '../diagnostics/probes/run-command.ts';
import type { Environment } from './environment-proxy.ts';
import { parseWindowsCertificates, windowsStores } from './windows-certificates.ts';

/** Where distributions keep all authorities in one file: Debian and SUSE, Fedora, Alpine and the BSDs; and in files of their own, as Node reads them too. */
const bundles = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/ca-bundle.pem', '/etc/ssl/cert.pem'];
const folder = '/etc/ssl/certs';
const powerShellLimitMs = 10_000;
const mostFiles = 2_000;

/**
 * The system's authorities as they are now, in PEM. Node's own list is made once in a process's life, so it cannot tell of one that was
 * installed since, or withdrawn. On macOS nothing is read: which of its authorities are trusted is not in the file they are in.
 *
 * @returns undefined where they could not be read, which a system without a single one is taken for too
 */
export async function readSystemCertificates(tools: { platform: NodeJS.Platform; environment: Environment; runCommand: RunCommand }): Promise<string[] | undefined> {
  const found = await read(tools);
  return found.length > 0 ? found : undefined;
}

async function read(tools: { platform: NodeJS.Platform; environment: Environment; runCommand: RunCommand }): Promise<string[]> {
  const { platform, environment, runCommand } = tools;
  switch (platform) {
    case 'win32': {
      const shell = await runCommand('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', windowsStores], powerShellLimitMs);
      return shell.name === 'done' ? parseWindowsCertificates(shell.stdout) : [];
    }
    case 'linux': {
      const file = environment['SSL_CERT_FILE'];
      const files = await Promise.all([...(file ? [file] : bundles), ...await filesOf(environment['SSL_CERT_DIR'] ?? folder)].map((each) => readFile(each, 'utf8').catch(() => '')));
      return files.flatMap(parsePem);
    }
    default: return [];
  }
}

/** The certificates of a PEM file, with whatever else may be in it. */
export function parsePem(text: string): string[] {
  return text.match(/-----BEGIN (?:TRUSTED )?CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END (?:TRUSTED )?CERTIFICATE-----/g)?.filter((pem) => !pem.includes('TRUSTED')) ?? [];
}

async function filesOf(folders: string | undefined): Promise<string[]> {
  const found = await Promise.all((folders ?? '').split(':').filter(Boolean)
    .map(async (folder) => (await readdir(folder).catch(() => [])).map((name) => join(folder, name))));
  return found.flat().slice(0, mostFiles);
}
