import { X509Certificate } from 'node:crypto';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import type { Clock } from '../clock.ts';
import { systemClock } from '../clock.ts';

/** Looking again is for the administrator who has just installed an authority, and not for every failed request. */
const lookAgainAfterMs = 60_000;

/** Which authorities https connections trust. One for the whole engine, since reading a hundred and more of them takes a while. */
export interface Trust {
  /** Read at the first call. */
  context(): SecureContext;
  /**
   * A certificate was not trusted under `since`. Looks which authorities the system trusts by now, at most once a minute: what it said
   * before is replaced, so that one that it has come to distrust goes.
   *
   * @returns whether there is another context than that. Never rejects.
   */
  renewed(since: SecureContext): Promise<boolean>;
}

export interface TrustOptions {
  /** In PEM, beside Node's own and the system's. */
  ca?: readonly string[];
  clock?: Pick<Clock, 'monotonic'>;
  /** What the system trusts, at the beginning. Default: as Node reads it. */
  system?: () => readonly string[];
  /**
   * What the system trusts now; Node reads its store only once in a process's life. Absent: it is not looked at again.
   * Undefined where it could not be read: what it said before holds on.
   */
  systemNow?: () => Promise<readonly string[] | undefined>;
}

export function createTrust({ ca = [], clock = systemClock, system = readSystem, systemNow }: TrustOptions = {}): Trust {
  /** Those that do not come from the system. */
  let own: ReadonlyMap<string, string> = new Map();
  let known: ReadonlyMap<string, string> = new Map();
  let present: SecureContext | undefined;
  let looking: Promise<void> | undefined;
  let lookedAt = -lookAgainAfterMs;

  function take(fromSystem: readonly string[]): void {
    known = new Map([...own, ...distinct(fromSystem)]);
    present = contextOf([...known.values()]);
  }

  async function look(): Promise<void> {
    const found = await systemNow?.().catch(() => undefined);
    if (!found) return;
    const now = new Set([...own.keys(), ...distinct(found).keys()]);
    if (now.size !== known.size || [...now].some((key) => !known.has(key))) take(found);
  }

  return {
    context() {
      if (!present) {
        own = distinct([...getCACertificates('default'), ...ca]);
        take(system());
      }
      return present ?? contextOf([]);
    },
    async renewed(since) {
      if (present === since && systemNow && !looking && clock.monotonic() - lookedAt >= lookAgainAfterMs) {
        lookedAt = clock.monotonic();
        looking = look().finally(() => { looking = undefined; });
      }
      await looking;
      return present !== undefined && present !== since;
    },
  };
}

/** However their lines are broken. */
function distinct(certificates: readonly string[]): ReadonlyMap<string, string> {
  return new Map(certificates.map((pem) => [pem.replace(/\s+/g, ''), pem]));
}

/** Trusts these alone. */
export function trustOnly(certificates: readonly string[]): Trust {
  const context = createSecureContext({ ca: [...certificates] });
  return { context: () => context, renewed: async () => false };
}

function readSystem(): readonly string[] {
  try {
    return getCACertificates('system');
  } catch {
    // A store that cannot be read leaves the authorities that Node brings along.
    return [];
  }
}

/** One certificate that OpenSSL cannot read must not take all the others with it. */
function contextOf(certificates: string[]): SecureContext {
  try {
    return createSecureContext({ ca: certificates });
  } catch {
    return createSecureContext({ ca: certificates.filter(isReadable) });
  }
}

function isReadable(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
