/**
 * [Note: asking before a large body] With `Expect: 100-continue` (RFC 9110, 10.1.1) the head of a request goes first, and its body when the
 * server says so. A store that is busy, an address that has become too old, a proxy that wants a sign-in or takes no body of this size say it
 * before megabytes have gone for nothing; without it, Spaces refuse by the head and close, and under a body on its way that arrives as a
 * reset of which nobody can read the reason. It costs one round trip, during which the other bodies have the line. AWS's own SDK asks from
 * 2 MiB on as well.
 *
 * A server need not know of it: whoever has not answered after a second gets the body all the same, and is not asked again when it turns
 * out that it took a body without a word. A 417, which old proxies say, has the same meaning.
 */

/** Smaller ones are gone in about the time that the question would take. */
const leastBytes = 2 * 1024 * 1024;
/** As long as curl waits. */
const patienceMs = 1_000;
/** Of stores and gateways there are a handful; more would be somebody's trick. */
const mostRemembered = 100;

/** Which servers are asked. */
export class AskingFirst {
  readonly #silent = new Set<string>();

  asks(url: URL, bodyBytes: number): boolean {
    return bodyBytes >= leastBytes && !this.#silent.has(url.host);
  }

  /** It does not know of the question. */
  leaveOut(url: URL): void {
    if (this.#silent.size < mostRemembered) this.#silent.add(url.host);
  }

  /** Something else may stand between us and them now. */
  forget(): void {
    this.#silent.clear();
  }
}

/** The wait of one body for its word. */
export class GoAhead {
  readonly #given = Promise.withResolvers<void>();
  #timer: NodeJS.Timeout | undefined;
  /** The server has said it. */
  heard = false;

  /** From here on the server could answer. @param stallMs a body must not be taken for stalled because it waits */
  begin(stallMs: number): void {
    this.#timer ??= setTimeout(() => { this.give(); }, Math.min(patienceMs, stallMs / 4));
  }

  hear(): void {
    this.heard = true;
    this.give();
  }

  /** The body may go, or need not go any more. */
  give(): void {
    clearTimeout(this.#timer);
    this.#given.resolve();
  }

  get given(): Promise<void> {
    return this.#given.promise;
  }
}
