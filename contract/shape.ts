/**
 * @file What is kept of an answer's body: which keys it has and of what kind their values are. Only what the contract itself
 * names stays as it was written (`= success`), so that a record may be mailed and two of them compared.
 */
import type { Withheld } from './withheld.ts';

/** `text:uuid`, `= success`, `null | text`; a list as one item that stands for all; an object by its keys, `key?` where not every item has it. */
export type Shape = string | Shape[] | { [key: string]: Shape };

/** Keys whose values are the contract's words. Roles and levels of risk are not among them: they are data of whoever asks. */
const enumerations = new Set(['status', 'error', 'account_type', 'entity_type', 'content_type', 'service']);
/** Messages are for people and may name a patient; on this one a client could lean. */
const knownMessages = new Set(['Error al validar token']);

const kinds: readonly (readonly [string, RegExp])[] = [
  ['uuid', /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i],
  ['md5', /^[0-9a-f]{32}$/i],
  ['moment', /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/],
  ['token', /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/],
  ['address', /^https?:\/\//i],
  ['e-mail', /^[^\s@]+@[^\s@]+$/],
];

/** `text:` and what it looks like. */
export function textKind(text: string): string {
  const kind = kinds.find(([, pattern]) => pattern.test(text))?.[0];
  return kind === undefined ? 'text' : `text:${kind}`;
}

/** @param value as parsed from JSON */
export function shapeOf(value: unknown, withheld: Withheld, key = '', parent = ''): Shape {
  if (value === null) return 'null';
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => shapeOf(item, withheld, key, parent));
    return items.length === 0 ? [] : [items.reduce(merged)];
  }
  switch (typeof value) {
    case 'object':
      return Object.fromEntries(Object.entries(value)
        .map(([name, inner]): [string, Shape] => [withheld.word(name), shapeOf(inner, withheld, name, key)])
        .sort(([one], [other]) => (one < other ? -1 : 1)));
    case 'number':
      return Number.isInteger(value) ? 'integer' : 'number';
    case 'string':
      if (enumerations.has(key) || (key === 'code' && parent === 'error')) return `= ${withheld.word(value)}`;
      return key === 'message' && knownMessages.has(value) ? `= ${value}` : textKind(value);
    default:
      return typeof value;
  }
}

/** The same by what is known at the end: see Withheld. */
export function lastlyWithheld<T extends Shape>(shape: T, withheld: Withheld): T;
export function lastlyWithheld(shape: Shape, withheld: Withheld): Shape {
  if (typeof shape === 'string') return withheld.sentence(shape);
  if (Array.isArray(shape)) return shape.map((item) => lastlyWithheld(item, withheld));
  return Object.fromEntries(Object.entries(shape).map(([name, inner]) => [withheld.sentence(name), lastlyWithheld(inner, withheld)]));
}

const isObject = (shape: Shape): shape is { [key: string]: Shape } => typeof shape === 'object' && !Array.isArray(shape);
const nameOf = (shape: Shape): string => (typeof shape === 'string' ? shape : Array.isArray(shape) ? 'list' : 'object');

/** What both are: for the items of one list. */
function merged(one: Shape, other: Shape): Shape {
  if (isObject(one) && isObject(other)) {
    const [first, second] = [withoutMarks(one), withoutMarks(other)];
    const names = [...new Set([...first.keys(), ...second.keys()])].sort();
    return Object.fromEntries(names.map((name): [string, Shape] => {
      const [a, b] = [first.get(name), second.get(name)];
      const always = a !== undefined && b !== undefined && !a.optional && !b.optional;
      return [always ? name : `${name}?`, a && b ? merged(a.shape, b.shape) : (a ?? b)!.shape];
    }));
  }
  if (Array.isArray(one) && Array.isArray(other)) return one.length === 0 ? other : other.length === 0 ? one : [merged(one[0]!, other[0]!)];
  return [...new Set([...nameOf(one).split(' | '), ...nameOf(other).split(' | ')])].sort().join(' | ');
}

function withoutMarks(shape: { [key: string]: Shape }): Map<string, { shape: Shape; optional: boolean }> {
  return new Map(Object.entries(shape).map(([name, inner]) => [name.replace(/\?$/, ''), { shape: inner, optional: name.endsWith('?') }]));
}
