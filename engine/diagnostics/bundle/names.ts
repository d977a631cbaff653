import { createHmac, randomBytes } from 'node:crypto';

export type NameKind = 'address' | 'mac' | 'host' | 'network' | 'issuer';

/** How a name of the clinic's network is written down. */
export type Names = (kind: NameKind, value: string) => string;

/** As they are: for the technician who sits at this computer. */
export const plainNames: Names = (_kind, value) => value;

/** The same on every computer, so they say nothing of this one. */
const common: ReadonlySet<string> = new Set(['0.0.0.0', '127.0.0.1', '::', '::1', '255.255.255.255', '255.255.255.0', '255.255.0.0', '255.0.0.0', 'default', 'lo', 'localhost']);

/**
 * Tokens in place of names: equal ones are equal within one bundle, so that it can still be seen that the router's address
 * is the one that does not answer; two bundles cannot be compared, and nobody without the key, which is thrown away, can
 * try out all addresses.
 */
export function tokenNames(key: Uint8Array = randomBytes(32)): Names {
  return (kind, value) => {
    const name = value.toLowerCase();
    return common.has(name) ? name : `${kind}-${createHmac('sha256', key).update(`${kind}:${name}`).digest('hex').slice(0, 8)}`;
  };
}
