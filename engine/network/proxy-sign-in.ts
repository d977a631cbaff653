import { z } from 'zod';
import { proxyAuthDetail } from '../../shared/domain/network.ts';
import { CallError } from '../../shared/rpc/call-error.ts';
import type { Clock } from '../clock.ts';
import type { KeyValueStore } from '../queue/upload-store.ts';
import { proxyPlace, type Proxy } from '../transport/routes.ts';

/** Only here and in the encrypted database; never in the settings, which others see. */
const key = 'network.proxy-sign-in';
/** One that names no proxy with its scheme, as none once did, is for nobody and as good as none. */
const keptSchema = z.object({ user: z.string(), password: z.string(), proxies: z.array(z.string().regex(/^https?:\/\//)).min(1) });
type Kept = z.infer<typeof keptSchema>;

/**
 * [Note: A refused sign-in]
 * What a proxy did not take is not shown to it again by ourselves for so long: behind it there is often the domain's own account,
 * which is locked after some wrong passwords, and uploads and knocks would be through those in seconds. Not for ever, because a
 * proxy whose directory is away for a moment refuses everybody. For the same reason one request alone tries what is not proven yet,
 * and the others wait for what comes of it.
 */
interface Trial {
  header: string;
  over: AbortController;
}

/** A trial that told nothing by then (it was paused, its connection broke) holds nobody up any longer. */
const trialMs = 15_000;

const refusedForMs = 5 * 60_000;

/**
 * The sign-in for proxies (Basic, RFC 7617). It is given to the proxies that it was entered for and to no other: a network may
 * name any proxy by itself (WPAD), and one that asks is not yet one to be trusted.
 */
export class ProxySignIn {
  readonly #clock: Pick<Clock, 'monotonic' | 'sleep'>;
  readonly #store: KeyValueStore;
  readonly #onChange: () => void;
  #kept: Kept | undefined;
  /** From addresses that hold one; as long as the process lives. */
  readonly #given = new Map<string, string>();
  /** Those that took, or at least want, Basic: it is brought along at once. */
  readonly #wantBasic = new Set<string>();
  /** Those that did not let us through when last asked. */
  readonly #asking = new Set<string>();
  readonly #refused = new Map<string, { header: string; at: number }>();
  /** What each has let through. */
  readonly #proven = new Map<string, string>();
  readonly #trials = new Map<string, Trial>();

  constructor(options: { clock: Pick<Clock, 'monotonic' | 'sleep'>; store: KeyValueStore; onChange: () => void }) {
    this.#clock = options.clock;
    this.#store = options.store;
    this.#onChange = options.onChange;
    this.#kept = readKept(options.store);
  }

  get isKept(): boolean { return this.#kept !== undefined; }
  get isAsked(): boolean { return this.#asking.size > 0; }

  /**
   * @param known the proxies that are in use now; with those that ask, the ones that it is for.
   * @throws CallError `no-proxy` where there are none: whichever asks first may be anybody's, and a person is to be asked then.
   */
  keep(signIn: { user: string; password: string }, known: readonly Proxy[]): void {
    const proxies = [...new Set([...this.#asking, ...known.map(proxyPlace)])];
    if (proxies.length === 0) throw new CallError('no-proxy');
    this.#kept = { ...signIn, proxies };
    this.#store.set(key, JSON.stringify(this.#kept));
    this.#refused.clear();
  }

  forget(): void {
    this.#kept = undefined;
    this.#store.delete(key);
    this.#proven.clear();
    this.#refused.clear();
  }

  /** An address held it. */
  given(proxy: Proxy, { user, password }: { user: string; password: string }): void {
    this.#given.set(proxyPlace(proxy), basic(user, password));
  }

  close(): void {
    for (const name of [...this.#trials.keys()]) this.#endTrial(name);
  }

  authorization(proxy: Proxy): string | undefined {
    const name = proxyPlace(proxy);
    const header = this.#wantBasic.has(name) ? this.#headerFor(name) : undefined;
    return header !== undefined && this.#mayShow(name, header) ? header : undefined;
  }

  async asked(proxy: Proxy, challenges: readonly string[], sent: string | undefined, signal?: AbortSignal): Promise<{ authorization: string } | { detail: string }> {
    const name = proxyPlace(proxy);
    const schemes = schemesOf(challenges);
    if (sent !== undefined) this.#refuse(name, sent);
    if (schemes.includes('basic')) {
      this.#wantBasic.add(name);
      for (let header = this.#headerFor(name); header !== undefined && header !== sent; header = this.#headerFor(name)) {
        if (signal?.aborted) return { detail: 'aborted' };
        if (this.#mayShow(name, header)) return { authorization: header };
        const over = this.#trials.get(name)?.over.signal;
        await this.#clock.sleep(trialMs, over && signal ? AbortSignal.any([over, signal]) : over ?? signal);
      }
    }
    if (!this.#asking.has(name)) {
      this.#asking.add(name);
      this.#onChange();
    }
    return { detail: proxyAuthDetail(this.#refused.has(name), schemes) };
  }

  /** The proxy let us through. @param sent what it was brought, if anything */
  passed(proxy: Proxy, sent: string | undefined): void {
    const name = proxyPlace(proxy);
    if (sent !== undefined && this.#trials.get(name)?.header === sent) {
      this.#proven.set(name, sent);
      this.#endTrial(name);
    }
    if (this.#asking.delete(name)) this.#onChange();
  }

  /** Another network, or other settings: who asked there need not matter here. */
  forgetAsking(): void {
    if (this.#asking.size === 0) return;
    this.#asking.clear();
    this.#onChange();
  }

  /** See [Note: A refused sign-in]. */
  #headerFor(name: string): string | undefined {
    const kept = this.#kept?.proxies.includes(name) ? basic(this.#kept.user, this.#kept.password) : undefined;
    const header = kept ?? this.#given.get(name);
    const refused = this.#refused.get(name);
    return refused?.header === header && refused !== undefined && this.#clock.monotonic() - refused.at < refusedForMs ? undefined : header;
  }

  #mayShow(name: string, header: string): boolean {
    if (this.#proven.get(name) === header) return true;
    if (this.#trials.has(name)) return false;
    const trial: Trial = { header, over: new AbortController() };
    this.#trials.set(name, trial);
    void this.#clock.sleep(trialMs, trial.over.signal).then(() => { if (this.#trials.get(name) === trial) this.#endTrial(name); });
    return true;
  }

  #refuse(name: string, header: string): void {
    this.#refused.set(name, { header, at: this.#clock.monotonic() });
    if (this.#proven.get(name) === header) this.#proven.delete(name);
    if (this.#trials.get(name)?.header === header) this.#endTrial(name);
  }

  #endTrial(name: string): void {
    this.#trials.get(name)?.over.abort();
    this.#trials.delete(name);
  }
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;
}

/** The schemes in `Proxy-Authenticate` (RFC 9110, 11.6.1), in lower case; at most five, and nothing but words. */
export function schemesOf(challenges: readonly string[]): string[] {
  const found = challenges.flatMap((challenge) => challenge.replace(/"(?:[^"\\]|\\.)*"/g, '""').split(',')
    .flatMap((part) => /^\s*([a-z][a-z0-9-]{1,19})(?=\s+[^=\s]|\s*$)/i.exec(part)?.[1]?.toLowerCase() ?? []));
  return [...new Set(found)].slice(0, 5);
}

function readKept(store: KeyValueStore): Kept | undefined {
  const json = store.get(key);
  if (json === undefined) return undefined;
  try {
    return keptSchema.parse(JSON.parse(json));
  } catch {
    return undefined;
  }
}
