/** @file What is thrown at the parsers: values of any kind, and valid ones with a few things wrong, which get further in. */
import fc from 'fast-check';

/** Inputs in all, over every parser; `FUZZ_RUNS` of the environment. */
const total = Number(process.env.FUZZ_RUNS ?? 8_000);
/** As many as there are properties in this folder; each gets the same share. */
export const properties = 22;
export const numRuns = Math.max(1, Math.ceil(total / properties));
/** Long enough for a share of a million on a slow computer. */
export const patience = 20_000 + total * 2;

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What tends to be forgotten, besides what is made up. */
const odd = fc.constantFrom<Json>(null, true, '', 0, -1, -0.5, 1e308, 2 ** 53, 'NaN', '../../etc', '\u0000', '💥', 'a'.repeat(9_000), [], {}, [[]], '__proto__', 'constructor', 'http://[::', '1e999');
const anyJson = fc.oneof(odd, fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>);

type Step = { at: number; how: 'replace' | 'remove' | 'add' | 'repeat'; with: Json; key: string };

function places(value: Json, found: { of: Json[] | Record<string, Json>; key: string | number }[] = []) {
  if (typeof value !== 'object' || value === null) return found;
  for (const [key, inner] of Object.entries(value)) {
    found.push({ of: value as Record<string, Json>, key });
    places(inner, found);
  }
  return found;
}

function wronged(valid: unknown, steps: readonly Step[]): unknown {
  const whole = { value: structuredClone(valid) as Json };
  for (const step of steps) {
    const all = places(whole as unknown as Json);
    const place = all[step.at % all.length];
    if (!place) continue;
    const of = place.of as Record<string | number, Json>;
    const put = (key: string | number, value: Json): void => { Object.defineProperty(of, key, { value, enumerable: true, configurable: true, writable: true }); };
    if (step.how === 'replace') put(place.key, structuredClone(step.with));
    else if (step.how === 'remove') delete of[place.key];
    else if (step.how === 'add') put(Array.isArray(of) ? of.length : step.key, structuredClone(step.with));
    else put(place.key, [of[place.key]!, structuredClone(of[place.key]!)]);
  }
  return whole.value;
}

const steps = fc.array(fc.record<Step>({ at: fc.nat(200), how: fc.constantFrom('replace', 'remove', 'add', 'repeat'), with: anyJson, key: fc.string({ maxLength: 8 }) }), { maxLength: 3 });

/** One of the valid values with up to three things wrong in it, or any JSON at all. */
export function nearly(...valid: unknown[]): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 5, arbitrary: fc.tuple(fc.constantFrom(...valid), steps).map(([one, wrong]) => wronged(one, wrong)) }, { weight: 1, arbitrary: anyJson });
}

/** One of the valid pieces of bytes with some changed, cut off or put in, or any bytes at all. */
export function nearlyBytes(...valid: Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const change = fc.record({ at: fc.nat(1 << 20), how: fc.constantFrom('flip', 'cut', 'insert', 'number'), byte: fc.nat(255), bytes: fc.uint8Array({ maxLength: 8 }) });
  const changed = fc.tuple(fc.constantFrom(...valid), fc.array(change, { maxLength: 4 })).map(([one, changes]) => {
    let bytes = Buffer.from(one);
    for (const { at, how, byte, bytes: extra } of changes) {
      const place = bytes.length === 0 ? 0 : at % bytes.length;
      if (how === 'flip' && bytes.length > 0) bytes[place] = bytes[place]! ^ (byte || 1);
      else if (how === 'cut') bytes = bytes.subarray(0, place);
      else if (how === 'insert') bytes = Buffer.concat([bytes.subarray(0, place), extra, bytes.subarray(place)]);
      else if (how === 'number' && place + 4 <= bytes.length) bytes.writeUInt32BE([0, 1, 0xff_ff_ff_ff, 0x7f_ff_ff_ff, bytes.length][byte % 5]!, place);
    }
    return new Uint8Array(bytes);
  });
  return fc.oneof({ weight: 5, arbitrary: changed }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }) });
}

export const utf8 = (value: unknown): Uint8Array => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value) ?? '');
