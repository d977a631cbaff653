import { isKnownCode } from '../engine/logging/known-words.ts';

/** Fewer letters than this are no name that could be told from a word of the contract. */
const leastLetters = 3;

/** Keys whose texts are persons', wherever they stand in an answer. */
const personal = /^(?:name|full_name|first_name|last_name|email|phone|.*_token|.*password.*)$/i;

/** Contract A's keys and enumerations: said by every gateway, so they tell nothing of anybody, whatever people are called. */
const contractWords = new Set([
  'status', 'success', 'fail', 'error', 'message', 'data', 'trace_id', 'code', 'service', 'timestamp', 'debug', 'ok', 'healthy', 'heartguard-gateway',
  'media-service', 'cdn_base_url', 'access_token', 'refresh_token', 'account_type', 'user', 'id', 'email', 'name', 'system_role', 'org_count', 'valid',
  'payload', 'exp', 'iat', 'type', 'user_id', 'memberships', 'org_id', 'org_code', 'org_name', 'role_code', 'role_label', 'joined_at', 'organization',
  'care_teams', 'members', 'patients', 'patient', 'risk_level', 'label', 'profile_photo_url', 'photo', 'entity_type', 'entity_id', 'object_key', 'url',
  'content_type', 'size_bytes', 'etag', 'uploaded_at', 'deleted_objects', 'prefix', 'image/jpeg', 'image/png', 'image/webp', 'application/json', 'text/html',
]);

const withheld = '{withheld}';

const fold = (text: string): string => text.normalize('NFD').replace(/\p{M}+/gu, '').toLowerCase();

/**
 * Remembers what belongs to persons, so that it can be kept out of what is written down: a broken server may put a name
 * where a code, or a key, should be.
 */
export class Withheld {
  readonly #words = new Set<string>();
  readonly #told = new Set<string>();

  /** The text as a whole, and each word in it; of an e-mail address, those before the `@`. */
  learn(text: string): void {
    const folded = fold(text);
    const words = folded.replace(/@\S*/g, '').split(/[^\p{L}\p{N}]+/u);
    for (const word of [folded, ...words]) if (word.length >= leastLetters) this.#words.add(word);
  }

  /** Everything in an answer that its keys call personal. */
  learnFrom(value: unknown, key = ''): void {
    if (typeof value === 'string' && personal.test(key)) this.learn(value);
    if (Array.isArray(value)) for (const item of value) this.learnFrom(item, key);
    else if (typeof value === 'object' && value !== null) for (const [name, inner] of Object.entries(value)) this.learnFrom(inner, name);
  }

  /** The text if it is a word of the contract, or a plain one in which nothing personal occurs, as far as is known; else `{withheld}`. */
  word(text: string): string {
    if (contractWords.has(text) || isKnownCode(text)) return text;
    if (!/^[A-Za-z][\w./-]{0,60}$/.test(text) || this.#isPersonal(text)) return withheld;
    this.#told.add(text);
    return text;
  }

  /** A sentence in which `word` was used, by what is known now: a name may have stood where a code should before it was known for one. */
  sentence(text: string): string {
    return text.replace(/[A-Za-z][\w./-]*/g, (word) => (this.#told.has(word) && this.#isPersonal(word) ? withheld : word));
  }

  #isPersonal(text: string): boolean {
    const folded = fold(text);
    return [folded, ...folded.split(/[^a-z0-9]+/)].some((word) => this.#words.has(word));
  }
}
