/**
 * @file Links from outside: `relevo://add?patient=ID`, `relevo://queue`, `relevo://connection`, `relevo://settings`, `relevo://support`.
 * Any program and any web page can send one, so they only ever show a screen.
 */
import { openRequestSchema } from '../../shared/domain/open-request.ts';
import type { OpenRequest } from '../../shared/domain/open-request.ts';

export const LINK_SCHEME = 'relevo';
/** A patient's id of the greatest length, each of its characters as three escaped bytes. */
const LONGEST = 2_000;
/** Printable ASCII without what no link has unescaped. */
const PLAIN = /^[\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]+$/;

/** Whether a person or a program meant this for us, however wrong it is. */
export function isLink(argument: string): boolean {
  return argument.slice(0, LINK_SCHEME.length + 1).toLowerCase() === `${LINK_SCHEME}:`;
}

/** The screen that a link asks for; undefined for anything that is not one of ours to the letter. */
export function parseLink(link: string): OpenRequest | undefined {
  if (link.length > LONGEST || !isLink(link) || !PLAIN.test(link)) return undefined;
  let url: URL;
  try {
    url = new URL(link);
    // Lenient where it is decoded below: a broken escape must not become another id.
    decodeURIComponent(url.search);
  } catch {
    return undefined;
  }
  if (url.username || url.password || url.port || url.hash || (url.pathname !== '' && url.pathname !== '/')) return undefined;
  const asked: Record<string, string> = { screen: url.host };
  for (const [name, value] of url.searchParams) {
    // Invisible and directional characters would show one id and mean another.
    if (name !== 'patient' || 'patientId' in asked || /\p{C}/u.test(value)) return undefined;
    asked.patientId = value;
  }
  return openRequestSchema.safeParse(asked).data;
}

interface LinkLog { warn(event: string): void }

/** Keeps the newest place that a link asked for until the window goes there; given once. */
export class LinkInbox {
  readonly #log: LinkLog;
  readonly #listeners = new Set<() => void>();
  #waiting: OpenRequest | undefined;

  constructor(log: LinkLog) {
    this.#log = log;
  }

  /** Takes a program's arguments, or what the system says was opened. With several links the last one counts. */
  receive(args: readonly string[]): void {
    const links = args.filter(isLink);
    const request = links.map(parseLink).findLast((parsed) => parsed !== undefined);
    // Its text may be anything, a patient's name too.
    if (links.length > 0 && !request) this.#log.warn('link.refused');
    if (!request) return;
    this.#waiting = request;
    for (const listener of this.#listeners) listener();
  }

  take(): OpenRequest | undefined {
    const request = this.#waiting;
    this.#waiting = undefined;
    return request;
  }

  /** @returns a function that stops listening. */
  onArrival(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  }
}
