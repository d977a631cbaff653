/**
 * @file One life of the engine's process. Between any two effects it may die: from then on nothing of it reaches the
 * world any more, as after SIGKILL, while what it had written stays.
 */
import type { Clock } from '../engine/clock.ts';
import type { Spool } from '../engine/spool/spool.ts';

/** What the last effect of a dying process meets. */
export class ProcessDied extends Error {
  override readonly name = 'ProcessDied';
}

export class Incarnation {
  /** Effects left to live; infinite for one that is not to die by itself. */
  #effectsLeft = Infinity;
  #dying: { told: () => void; allowed: () => boolean } | undefined;
  #dead = false;
  readonly #onDeath: () => void;
  readonly #death = new AbortController();

  constructor(onDeath: () => void) {
    this.#onDeath = onDeath;
  }

  get dead(): boolean { return this.#dead; }
  get deathSignal(): AbortSignal { return this.#death.signal; }

  kill(): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#death.abort();
    this.#onDeath();
  }

  /** Dies by itself after so many effects, if it is still allowed then. */
  dieAfter(effects: number, told: () => void, allowed: () => boolean): void {
    this.#effectsLeft = effects;
    this.#dying = { told, allowed };
  }

  /** Ports whose methods this life may call while it lasts. It may die before or after each call. */
  mortal<T extends object>(port: T): T {
    return new Proxy(port, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...inputs: unknown[]) => this.#call(() => (value as (...all: unknown[]) => unknown).apply(target, inputs));
      },
    });
  }

  /** The spool, with what it hands out: a dead process finishes no file. */
  spool(spool: Spool): Spool {
    const mortal = this.mortal(spool);
    return new Proxy(mortal, {
      get: (target, name) => {
        if (name === 'create') return async (...inputs: Parameters<Spool['create']>) => this.mortal(await target.create(...inputs));
        if (name === 'open') return async (id: string) => this.mortal(await target.open(id));
        return Reflect.get(target, name) as unknown;
      },
    });
  }

  /** Timers of a dead process never fire. */
  clock(clock: Clock): Clock {
    return {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      sleep: (ms, signal) => this.#dead ? never() : clock.sleep(ms, signal).then(() => this.#dead ? never() : undefined),
    };
  }

  #call(effect: () => unknown): unknown {
    this.#tick();
    const result = effect();
    if (result instanceof Promise) {
      return result.then(
        (value: unknown) => { if (this.#dead) return never(); this.#tickQuietly(); return this.#dead ? never() : value; },
        (error: unknown) => { if (this.#dead) return never(); throw error; },
      );
    }
    this.#tick();
    return result;
  }

  #tick(): void {
    this.#tickQuietly();
    if (this.#dead) throw new ProcessDied('process died');
  }

  #tickQuietly(): void {
    if (this.#dead) return;
    this.#effectsLeft -= 1;
    if (this.#effectsLeft > 0 || !this.#dying?.allowed()) return;
    this.#dying.told();
    this.kill();
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
