import { X509Certificate } from 'node:crypto';

/**
 * What is asked of PowerShell: each certificate of the stores that Node reads at its start too, with the properties that Windows keeps
 * beside it, and those that an administrator or Windows itself has declared not to be trusted. No quotation mark that a command line
 * would take for its own.
 */
export const windowsStores = [
  "Get-ChildItem Cert:\\LocalMachine\\Root, Cert:\\CurrentUser\\Root, Cert:\\LocalMachine\\CA, Cert:\\CurrentUser\\CA, Cert:\\LocalMachine\\TrustedPeople | ForEach-Object { 'trusted ' + [Convert]::ToBase64String($_.Export('SerializedCert')) }",
  "Get-ChildItem Cert:\\LocalMachine\\Disallowed, Cert:\\CurrentUser\\Disallowed | ForEach-Object { 'distrusted ' + [Convert]::ToBase64String($_.RawData) }",
].join('; ');

/** Source: wincrypt.h. */
const certificateProperty = 32;
const usesProperty = 9;
const deniedUsesProperty = 122;
const propertyHeaderBytes = 12;
/** 1.3.6.1.5.5.7.3.1, and any use at all: 2.5.29.37.0. */
const serverUse = '2b06010505070301';
const anyUse = '551d2500';
const serverOrAny = ['1.3.6.1.5.5.7.3.1', '2.5.29.37.0'];

/**
 * The authorities for servers in what PowerShell printed, in PEM. Windows trusts many for signing programs or mail alone, and says so
 * rarely in the certificate (the extension for its uses) and mostly beside it (a property, which policies and Windows' own list of
 * authorities set): both must allow servers, in every store that holds the certificate.
 */
export function parseWindowsCertificates(output: string): string[] {
  const trusted = new Map<string, boolean>();
  const distrusted = new Set<string>();
  for (const line of output.split(/\r?\n/)) {
    const [, kind, text] = /^(trusted|distrusted) ([A-Za-z0-9+/]{40,}={0,2})\s*$/.exec(line) ?? [];
    if (text === undefined) continue;
    const bytes = Buffer.from(text, 'base64');
    if (kind === 'distrusted') {
      distrusted.add(bytes.toString('base64'));
      continue;
    }
    const properties = propertiesOf(bytes);
    const certificate = properties?.get(certificateProperty)?.toString('base64');
    if (!properties || certificate === undefined) continue;
    trusted.set(certificate, trusted.get(certificate) !== false && isForServers(properties));
  }
  return [...trusted].filter(([certificate, forServers]) => forServers && !distrusted.has(certificate)).map(([certificate]) => pemOf(certificate));
}

/**
 * A certificate as Windows serialises it: properties one after another, each with its number, a form and its length before it; the
 * certificate itself is one of them.
 *
 * @returns undefined where it is something else
 */
function propertiesOf(bytes: Buffer): Map<number, Buffer> | undefined {
  const found = new Map<number, Buffer>();
  for (let at = 0; at < bytes.length;) {
    if (at + propertyHeaderBytes > bytes.length) return undefined;
    const start = at + propertyHeaderBytes;
    const end = start + bytes.readUInt32LE(at + 8);
    if (end > bytes.length) return undefined;
    found.set(bytes.readUInt32LE(at), bytes.subarray(start, end));
    at = end;
  }
  return found;
}

function isForServers(properties: ReadonlyMap<number, Buffer>): boolean {
  const uses = properties.get(usesProperty);
  if (uses && !usesOf(uses).some((use) => use === serverUse || use === anyUse)) return false;
  const denied = properties.get(deniedUsesProperty);
  if (denied && usesOf(denied).includes(serverUse)) return false;
  try {
    const stated = new X509Certificate(properties.get(certificateProperty) ?? Buffer.alloc(0)).keyUsage as string[] | undefined;
    return stated === undefined || stated.some((use) => serverOrAny.includes(use));
  } catch {
    return false;
  }
}

/** The object identifiers of a DER sequence, each in hexadecimal; of what is none, nothing. */
function usesOf(der: Buffer): string[] {
  const uses: string[] = [];
  if (der[0] !== 0x30 || der.length < 2) return uses;
  // Length in one byte, or 0x81 and one more, or 0x82 and two.
  let at = 2 + (der[1]! > 0x80 ? der[1]! & 0x7f : 0);
  while (at + 2 <= der.length && der[at] === 0x06) {
    const end = at + 2 + der[at + 1]!;
    uses.push(der.toString('hex', at + 2, end));
    at = end;
  }
  return uses;
}

function pemOf(base64: string): string {
  return `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----`;
}
