/** @file Faults that come and go at random while photos are being sent: the sandbox's own, over its control. */
import { setTimeout as delay } from 'node:timers/promises';
import type { FaultControl } from '../sandbox/faults/fault-control.ts';
import type { FaultInput } from '../sandbox/faults/fault.ts';
import type { SeededRandom } from '../simulation/seeded-random.ts';

/** `where`: at calls, which carry no photo, or at the bodies on their way to the store. */
type Fault = { name: string; where: 'calls' | 'bodies'; draw: (random: SeededRandom) => FaultInput | { downMs: number } };

const toStore = { service: 'spaces', method: 'PUT' } as const;
const complete = { service: 'gateway', method: 'POST', path: '/media/uploads/*/complete' } as const;
const create = { service: 'gateway', method: 'POST', path: '^/media/(patients/[^/]+/uploads|uploads:batch)$' } as const;
const few = (random: SeededRandom): number => random.between(1, 3);

const faults: Fault[] = [
  { name: '429 at the gateway', where: 'calls', draw: (random) => ({ where: { service: 'gateway' }, times: few(random), effect: { kind: 'rate-limited', retryAfter: 1 } }) },
  { name: '500, 502, 503 at the gateway', where: 'calls', draw: (random) => ({ where: { service: 'gateway' }, times: few(random), effect: { kind: 'status', status: random.pick([500, 502, 503]), applied: random.chance(0.5) } }) },
  { name: '500, 502, 503 at media', where: 'calls', draw: (random) => ({ where: { service: 'media' }, times: few(random), effect: { kind: 'status', status: random.pick([500, 502, 503]), applied: random.chance(0.5) } }) },
  { name: 'slow gateway', where: 'calls', draw: (random) => ({ where: { service: 'gateway' }, times: few(random), effect: { kind: 'delay', ms: random.between(50, 900) } }) },
  { name: 'reset at the gateway', where: 'calls', draw: (random) => ({ where: { service: 'gateway' }, times: few(random), effect: { kind: 'reset-before-body' } }) },
  { name: 'answer to create lost', where: 'calls', draw: () => ({ where: create, times: 1, effect: { kind: 'reset-after-body' } }) },
  { name: 'answer to complete lost', where: 'calls', draw: () => ({ where: complete, times: 1, effect: { kind: 'reset-after-body' } }) },
  { name: 'complete applied, 502 told', where: 'calls', draw: () => ({ where: complete, times: 1, effect: { kind: 'status', status: 502, applied: true } }) },
  { name: 'answer to complete cut short', where: 'calls', draw: (random) => ({ where: complete, times: 1, effect: { kind: 'truncate-answer', bytes: random.between(0, 60) } }) },
  { name: 'body reset midway', where: 'bodies', draw: (random) => ({ where: toStore, times: 1, effect: { kind: 'reset-mid-body', afterBytes: random.between(0, 1_000_000) } }) },
  { name: 'answer to a body lost', where: 'bodies', draw: () => ({ where: toStore, times: 1, effect: { kind: 'reset-after-body' } }) },
  { name: '500, 503 at the store', where: 'bodies', draw: (random) => ({ where: toStore, times: 1, effect: { kind: 'status', status: random.pick([500, 503]), applied: random.chance(0.5) } }) },
  { name: '503 SlowDown at the store', where: 'bodies', draw: () => ({ where: toStore, times: 1, effect: { kind: 'rate-limited', retryAfter: 1 } }) },
  { name: 'slow store', where: 'bodies', draw: (random) => ({ where: toStore, times: few(random), effect: { kind: 'delay', ms: random.between(50, 900) } }) },
  { name: 'slow link', where: 'bodies', draw: (random) => ({ where: toStore, times: 1, effect: { kind: 'slow-drip', direction: 'body', bytesPerSecond: random.between(5, 20) * 1_000_000 } }) },
  { name: 'network cut', where: 'bodies', draw: (random) => ({ downMs: random.between(200, 1_200) }) },
];

/** A refusal of the store wastes a whole body, and the ratio is to tell what kills cost: calls are hit three times as often. */
const drawn = faults.flatMap((fault) => fault.where === 'calls' ? [fault, fault, fault] : [fault]);

/** Faults that come at random, each until something has met it or the next of its kind comes. */
export class FaultWeather {
  readonly #control: FaultControl;
  readonly #random: SeededRandom;
  readonly #under = new Set<Promise<void>>();
  readonly #over = new AbortController();
  /** How often each came. */
  readonly seen = new Map<string, number>();

  constructor(control: FaultControl, random: SeededRandom) {
    this.#control = control;
    this.#random = random;
  }

  /** Up to two changes, in the next second or so. Does not wait for them. */
  change(): void {
    for (let left = this.#random.between(0, 2); left > 0; left -= 1) {
      const fault = this.#random.pick(drawn);
      const change = this.#come(fault, this.#random.between(0, 1_000)).finally(() => this.#under.delete(change));
      this.#under.add(change);
    }
  }

  /** All is well again, for good. */
  async end(): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#under);
    await this.#control.reset();
  }

  async #come(fault: Fault, afterMs: number): Promise<void> {
    const effect = fault.draw(this.#random);
    await this.#rest(afterMs);
    if (this.#over.signal.aborted) return;
    this.seen.set(fault.name, (this.seen.get(fault.name) ?? 0) + 1);
    if (!('downMs' in effect)) { await this.#control.set({ id: fault.name, ...effect }); return; }
    await this.#control.network({ down: true });
    await this.#rest(effect.downMs);
    await this.#control.network({ down: false });
  }

  async #rest(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#over.signal }).catch(() => undefined);
  }
}
