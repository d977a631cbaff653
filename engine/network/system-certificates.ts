import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunCommand } from '../diagnostics/probes/run-command.ts';
import type { Environment } from './environment-proxy.ts';

/** Where distributions keep all authorities in one file: Debian and SUSE, Fedora, Alpine and the BSDs. */
const bundles = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/ca-bundle.pem', '/etc/ssl/cert.pem'];
const powerShellLimitMs = 10_000;
const mostFiles = 2_000;

/** The roots of the computer and of the person, among them those that a domain's policy has put there. */
const windowsRoots = "Get-ChildItem Cert:\\LocalMachine\\Root, Cert:\\CurrentUser\\Root | ForEach-Object { [Convert]::ToBase64String($_.RawData) }";

/**
 * The system's authorities as they are now, in PEM. Node's own list is made once in a process's life, so it cannot tell of one that was
 * installed since. On macOS nothing is read: which of its authorities are trusted is not in the file they are in.
 */
export async function readSystemCertificates(tools: { platform: NodeJS.Platform; environment: Environment; runCommand: RunCommand }): Promise<string[]> {
  const { platform, environment, runCommand } = tools;
  switch (platform) {
    case 'win32': {
      const shell = await runCommand('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', windowsRoots], powerShellLimitMs);
      return shell.name === 'done' ? parseBase64Lines(shell.stdout) : [];
    }
    case 'linux': {
      const file = environment['SSL_CERT_FILE'];
      const read = await Promise.all([...(file ? [file] : bundles), ...await filesOf(environment['SSL_CERT_DIR'])].map((each) => readFile(each, 'utf8').catch(() => '')));
      return read.flatMap(parsePem);
    }
    default: return [];
  }
}

/** The certificates of a PEM file, with whatever else may be in it. */
export function parsePem(text: string): string[] {
  return text.match(/-----BEGIN (?:TRUSTED )?CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END (?:TRUSTED )?CERTIFICATE-----/g)?.filter((pem) => !pem.includes('TRUSTED')) ?? [];
}

/** One certificate a line, as .NET writes bytes in base64. */
export function parseBase64Lines(output: string): string[] {
  return output.split(/\r?\n/).map((line) => line.trim()).filter((line) => /^[A-Za-z0-9+/]{100,}={0,2}$/.test(line))
    .map((line) => `-----BEGIN CERTIFICATE-----\n${line.replace(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----`);
}

async function filesOf(folders: string | undefined): Promise<string[]> {
  const found = await Promise.all((folders ?? '').split(':').filter(Boolean)
    .map(async (folder) => (await readdir(folder).catch(() => [])).map((name) => join(folder, name))));
  return found.flat().slice(0, mostFiles);
}
