import { randomUUID } from 'node:crypto';

/** Chance as the engine sees it, so that a simulated day can be repeated from its seed. */
export interface Random {
  /** At least 0, below 1. */
  unit(): number;
  uuid(): string;
}

export const systemRandom: Random = { unit: Math.random, uuid: () => randomUUID() };
