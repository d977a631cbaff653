import { AnswerError } from './answer-error.ts';
import { coalesce } from './coalesce.ts';
import type { OnRepeated } from './gateway-client.ts';
import type { CallOptions, PartBody } from './transport.ts';
import type { Presigned } from './wire.ts';

/** An address that ends sooner than this is not begun with: a part may take a while. */
const aheadMs = 60_000;
/** What one call asks for at most. */
const atOnce = 100;
const mostSessions = 1_000;

interface Wanted {
  number: number;
  md5: string;
}

type Ask = (sessionId: string, parts: Wanted[], options: CallOptions) => Promise<(Presigned & { number: number })[]>;
type WantedBy = Wanted & { onRepeated: OnRepeated | undefined };

/**
 * Presigned addresses of parts, in memory only. Asked for when they are needed, those needed at the same time in one
 * call, and again when they have become too old. The digest of a part is signed into its address, so the store refuses
 * other bytes.
 */
export class PresignedAddresses {
  readonly #serverNow: () => number;
  readonly #ask: Ask;
  readonly #kept = new Map<string, Map<number, Presigned & { md5?: string }>>();
  readonly #asking = new Map<string, (wanted: WantedBy, signal: AbortSignal) => Promise<Presigned>>();

  constructor(serverNow: () => number, ask: Ask) {
    this.#serverNow = serverNow;
    this.#ask = ask;
  }

  /** Keeps an address that came unasked, with a new session; it is good for whatever bytes the session is for. */
  keep(sessionId: string, number: number, address: Presigned): void {
    const ofSession = this.#kept.get(sessionId) ?? new Map<number, Presigned>();
    this.#kept.set(sessionId, ofSession.set(number, address));
    // Of uploads begun and left alone; their addresses can be asked for again.
    const oldest = this.#kept.keys().next();
    if (this.#kept.size > mostSessions && !oldest.done) this.#kept.delete(oldest.value);
  }

  async of(sessionId: string, part: PartBody, { signal, onRepeated }: CallOptions): Promise<{ url: string; headers: Record<string, string> }> {
    const kept = this.#kept.get(sessionId)?.get(part.number);
    if (kept && (kept.md5 ?? part.md5) === part.md5 && kept.expires_at - this.#serverNow() > aheadMs) return withDigest(kept, part);
    return withDigest(await this.#askFor(sessionId)({ number: part.number, md5: part.md5, onRepeated }, signal), part);
  }

  forget(sessionId: string, number?: number): void {
    if (number === undefined) this.#kept.delete(sessionId);
    else this.#kept.get(sessionId)?.delete(number);
  }

  #askFor(sessionId: string): (wanted: WantedBy, signal: AbortSignal) => Promise<Presigned> {
    let asking = this.#asking.get(sessionId);
    if (!asking) {
      asking = coalesce(atOnce, async (wanted: WantedBy[], signal) => {
        this.#asking.delete(sessionId);
        const parts = [...new Map(wanted.map(({ number, md5 }) => [number, { number, md5 }])).values()];
        // All of them are of one photo, so it is told once.
        const answers = new Map((await this.#ask(sessionId, parts, { signal, onRepeated: wanted[0]?.onRepeated })).map((answer) => [answer.number, answer]));
        return wanted.map((each) => {
          const answer = answers.get(each.number);
          if (!answer) throw new AnswerError({ endpoint: 'gateway', status: 200, code: 'malformed' });
          this.keep(sessionId, each.number, Object.assign(answer, { md5: each.md5 }));
          return answer;
        });
      });
      this.#asking.set(sessionId, asking);
    }
    return asking;
  }
}

/** Content-MD5 makes the store refuse bytes that changed on the way; where it is not signed it may be added all the same. */
function withDigest({ url, headers }: Presigned, { md5 }: PartBody): { url: string; headers: Record<string, string> } {
  const given = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return { url, headers: { 'content-md5': Buffer.from(md5, 'hex').toString('base64'), ...given } };
}
