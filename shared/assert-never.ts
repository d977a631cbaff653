/**
 * Ends a switch over a discriminated union: the compiler refuses it while a case is missing.
 *
 * @throws Error always, should a value slip past the types at run time.
 */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
}
