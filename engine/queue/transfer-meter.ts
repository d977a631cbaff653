/** Bytes a second over the last few seconds, and what each upload has under way. */
export class TransferMeter {
  readonly #windowMs: number;
  readonly #samples: { at: number; bytes: number }[] = [];
  readonly #unconfirmed = new Map<string, number>();

  constructor(windowMs = 5_000) {
    this.#windowMs = windowMs;
  }

  /** @param bytes of this upload's body that the network has taken and the server has not confirmed; 0 forgets it */
  setUnconfirmed(id: string, bytes: number, now: number): void {
    const before = this.#unconfirmed.get(id) ?? 0;
    if (bytes > before) this.#add(bytes - before, now);
    if (bytes === 0) this.#unconfirmed.delete(id);
    else this.#unconfirmed.set(id, bytes);
  }

  unconfirmed(id: string): number {
    return this.#unconfirmed.get(id) ?? 0;
  }

  /** Bytes a second; 0 when nothing moved within the window. */
  rate(now: number): number {
    this.#drop(now);
    const first = this.#samples[0];
    if (!first) return 0;
    let bytes = 0;
    for (const sample of this.#samples) bytes += sample.bytes;
    // Never over less than a second: the first packet would otherwise promise the moon.
    return Math.round(bytes / (Math.max(1_000, now - first.at) / 1_000));
  }

  #add(bytes: number, now: number): void {
    const last = this.#samples.at(-1);
    // Ten samples a second are plenty, however many packets there are.
    if (last && now - last.at < 100) last.bytes += bytes;
    else this.#samples.push({ at: now, bytes });
    this.#drop(now);
  }

  #drop(now: number): void {
    while (this.#samples[0] && this.#samples[0].at < now - this.#windowMs) this.#samples.shift();
  }
}
