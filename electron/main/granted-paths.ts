import { CallError } from '../../shared/rpc/call-error.ts';

/** Far more than one drop brings; a page that asks for more than this is not ours any longer. */
const MOST = 200_000;

/** What the person dropped or chose since the window opened. See [Note: granted paths]. */
export class GrantedPaths {
  readonly #paths = new Set<string>();

  grant(path: string): void {
    if (this.#paths.size < MOST) this.#paths.add(path);
  }

  /**
   * Each may be added again later: a person can drop the same file twice.
   *
   * @throws CallError `invalid-input` if one of them was never granted.
   */
  check(paths: string[]): void {
    if (!paths.every((path) => this.#paths.has(path))) throw new CallError('invalid-input', 'paths: not granted');
  }
}
