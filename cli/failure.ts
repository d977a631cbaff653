/** Exit codes are part of the command line's interface; scripts decide on them. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, someNeedAttention: 3, someWait: 4, interrupted: 130 } as const;

/** A command cannot go on, for a reason that a person can be told. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly code: string;
  readonly exitCode: number;

  /** @param message whole sentences in the reader's language */
  constructor(code: string, message: string, exitCode: number = exitCodes.failed) {
    super(message);
    this.code = code;
    this.exitCode = exitCode;
  }
}
