import type { EngineContract, EngineImplementation } from '../shared/engine-contract.ts';
import type { EventPayload } from '../shared/rpc/contract.ts';
import type { ScreenLock } from './account/screen-lock.ts';

export type EngineEventName = keyof EngineContract['events'] & string;

export type EngineListener = <E extends EngineEventName>(event: E, payload: EventPayload<EngineContract, E>) => void;

/** The running engine, without a window: its calls are those of the contract, to be served on any port. */
export interface Engine {
  readonly calls: EngineImplementation;
  /** Held against windows alone, by `window-calls.ts`. */
  readonly screenLock: ScreenLock;
  /** @returns a function that stops listening. */
  subscribe(listener: EngineListener): () => void;
  /** Stops sending, writes what is to be written, gives the data folder free. */
  close(): Promise<void>;
}

/** The key of everything at rest, and where it came from. */
export interface DataKey {
  /** 32 bytes. */
  bytes: Uint8Array;
  source: 'keychain' | 'environment' | 'key-file';
}
