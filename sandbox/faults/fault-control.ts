import type { RequestEntry, RequestLog, RequestTotals } from '../net/request-log.ts';
import type { Fault, FaultInput, MediaFault, SpacesUnreachable } from './fault.ts';
import type { FaultRegistry, FaultView } from './registry.ts';

/** What the in-process owner of a sandbox can break; the control endpoint offers the same over HTTP. */
export class FaultControl {
  readonly #registry: FaultRegistry;
  readonly #log: RequestLog;
  readonly #cut: (down: boolean) => Promise<void>;
  readonly #unreachable: { get(): SpacesUnreachable | undefined; set(fault: SpacesUnreachable | undefined): void };
  #down = false;

  constructor(deps: {
    registry: FaultRegistry;
    log: RequestLog;
    cut: (down: boolean) => Promise<void>;
    unreachable: { get(): SpacesUnreachable | undefined; set(fault: SpacesUnreachable | undefined): void };
  }) {
    this.#registry = deps.registry;
    this.#log = deps.log;
    this.#cut = deps.cut;
    this.#unreachable = deps.unreachable;
  }

  /** @throws ZodError, or SyntaxError for a bad regular expression; then nothing was set. */
  set(...faults: FaultInput[]): Promise<Fault[]> {
    return this.#registry.set(faults);
  }

  list(): FaultView[] {
    return this.#registry.list();
  }

  /** Removes one fault, or without an id all of them. Leaves the network and `media` as they are. Returns how many. */
  clear(id?: string): Promise<number> {
    return this.#registry.clear(id);
  }

  /** Down: gateway and Spaces refuse clients and drop their connections; up again on the same ports. */
  async network({ down }: { down: boolean }): Promise<void> {
    this.#down = down;
    await this.#cut(down);
  }

  get networkDown(): boolean {
    return this.#down;
  }

  /** Media's own way to Spaces; `null` mends it. */
  media({ spacesUnreachable }: MediaFault): void {
    this.#unreachable.set(spacesUnreachable ?? undefined);
  }

  get spacesUnreachable(): SpacesUnreachable | undefined {
    return this.#unreachable.get();
  }

  /** Everything as new: no faults, network up, media reaches Spaces. */
  async reset(): Promise<void> {
    this.media({ spacesUnreachable: null });
    await this.clear();
    await this.network({ down: false });
  }

  /** Requests that ended, newest last, after the one numbered `since`. */
  requests(since?: number): RequestEntry[] {
    return this.#log.list(since);
  }

  /** Resolves with the next request to end that matches. */
  nextRequest(matches: (entry: RequestEntry) => boolean, signal?: AbortSignal): Promise<RequestEntry> {
    return this.#log.next(matches, signal);
  }

  totals(): Partial<Record<RequestEntry['service'], RequestTotals>> {
    return this.#log.totals();
  }

  clearRequests(): void {
    this.#log.clear();
  }
}
