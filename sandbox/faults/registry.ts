import { randomUUID } from 'node:crypto';
import type { ServiceName } from '../options.ts';
import { compileWhere, faultSchema, type Fault, type FaultEffect, type FaultInput } from './fault.ts';

interface Active {
  fault: Fault;
  matches: (method: string, url: string) => boolean;
  left: number;
  toSkip: number;
  timer?: NodeJS.Timeout | undefined;
}

export interface FaultView extends Fault {
  /** How many more requests it will hit; absent for always. */
  left?: number;
}

/** The faults in force, in the order in which they were set: the first that matches a request wins. */
export class FaultRegistry {
  readonly #active = new Map<string, Active>();
  readonly #random: () => number;
  readonly #onPorts: (service: ServiceName, refuse: boolean) => Promise<void>;

  /** `onPorts` closes or opens the port of a service for `refuse`. */
  constructor(random: () => number, onPorts: (service: ServiceName, refuse: boolean) => Promise<void>) {
    this.#random = random;
    this.#onPorts = onPorts;
  }

  /** @throws ZodError, or SyntaxError for a bad regular expression; then nothing was set. */
  async set(inputs: readonly FaultInput[]): Promise<Fault[]> {
    const prepared = inputs.map((input): Active => {
      const parsed = faultSchema.parse(input);
      const fault: Fault = { ...parsed, id: parsed.id ?? randomUUID() };
      return {
        fault,
        matches: compileWhere(fault.where),
        left: fault.times === 'always' ? Number.POSITIVE_INFINITY : fault.times,
        toSkip: fault.skip,
      };
    });
    for (const active of prepared) {
      const { id, effect } = active.fault;
      clearTimeout(this.#active.get(id)?.timer);
      this.#active.delete(id);
      this.#active.set(id, active);
      if (effect.kind === 'refuse' && effect.forMs !== undefined) {
        active.timer = setTimeout(() => void this.clear(id), effect.forMs);
        active.timer.unref();
      }
    }
    await this.#settlePorts();
    return prepared.map(({ fault }) => fault);
  }

  list(): FaultView[] {
    return [...this.#active.values()].map(({ fault, left }) => ({ ...fault, ...(Number.isFinite(left) ? { left } : {}) }));
  }

  /** Removes one, or without an id all. Returns how many there were. */
  async clear(id?: string): Promise<number> {
    const ids = id === undefined ? [...this.#active.keys()] : this.#active.has(id) ? [id] : [];
    for (const each of ids) {
      clearTimeout(this.#active.get(each)?.timer);
      this.#active.delete(each);
    }
    await this.#settlePorts();
    return ids.length;
  }

  /** What is to be done to this request: any number of delays, then at most one other effect. Uses the faults up. */
  take(service: ServiceName, method: string, url: string): FaultEffect[] {
    if (this.#active.size === 0) return [];
    const effects: FaultEffect[] = [];
    for (const active of this.#active.values()) {
      const { fault } = active;
      if (fault.where.service !== service || fault.effect.kind === 'refuse' || !active.matches(method, url)) continue;
      if (active.toSkip > 0) {
        active.toSkip -= 1;
        continue;
      }
      if (fault.probability < 1 && this.#random() >= fault.probability) continue;
      active.left -= 1;
      if (active.left <= 0) this.#active.delete(fault.id);
      effects.push(fault.effect);
      if (fault.effect.kind !== 'delay') break;
    }
    return effects;
  }

  async #settlePorts(): Promise<void> {
    const refused = new Set<ServiceName>();
    for (const { fault } of this.#active.values()) if (fault.effect.kind === 'refuse') refused.add(fault.where.service);
    const services: ServiceName[] = ['gateway', 'auth', 'user', 'media', 'spaces'];
    await Promise.all(services.map((service) => this.#onPorts(service, refused.has(service))));
  }
}
