/** @file What one cell of the fault matrix is: a fault, a place, and what must come of it. */
import type { Endpoint, FailureCode } from '../shared/domain/failure.ts';
import type { CallErrorCode } from '../shared/rpc/call-error.ts';
import type { FaultEffect } from '../sandbox/faults/fault.ts';
import type { NetworkFault } from './network.ts';

export type Where =
  /** Contract B: opening the session, a part (one PUT, or one of several), completing, asking what the server has. */
  | 'create' | 'part' | 'complete' | 'inspect'
  /** Contract A: the photo's one request, and the HEAD that verifies it. */
  | 'photo (A)' | 'verify (A)'
  | 'sign-in' | 'refresh'
  /** The first time at a gateway, and when its answer is known from an earlier run. */
  | 'capabilities' | 'capabilities, known'
  /** The knock at an address that was away. */
  | 'health';

export type Effect = { kind: 'server'; effect: Partial<FaultEffect> & { kind: FaultEffect['kind'] } } | { kind: 'network'; fault: NetworkFault };

export interface Fault {
  /** As the table calls it. */
  name: string;
  effect: Effect;
  /** Needs a photo large enough to be cut in the middle, sent in two parts. */
  large?: boolean;
  /** Shows only when a deadline has passed, so under it they are shortened. */
  timed?: boolean;
}

/** Under the fault: the upload's state, or that nobody is signed in. */
export type Under = 'completed' | 'waiting' | 'blocked: offline' | 'blocked: circuit' | 'blocked: auth' | 'needsAttention' | 'queued' | 'signed out';

export interface Expectation {
  under: Under;
  /** The failure that the photo's story tells, or that the call for signing in gave. */
  code?: FailureCode | CallErrorCode;
  /** Requests of this place while the fault was in force: what it cost. Absent where it is chance, and not compared. */
  requests?: number;
  /** Tries that count against the photo, at the end. */
  tries: number;
  /** Photos of these bytes at the server while the fault was in force. */
  stored: 0 | 1;
  /** What set the upload going again after the fault was lifted. */
  goesOn: 'never stopped' | 'by itself' | 'a person retries' | 'a person signs in';
}

export interface Cell {
  fault: Fault;
  where: Where;
  /** It befalls one request, or all until it is lifted, two seconds after the upload came to rest. */
  lasts: 'once' | 'a while';
  expected: Expectation;
}

export interface Observed extends Expectation {
  /** How it ended: `completed` in every cell that is as it should be. */
  finally: string;
  /** Who was said to be at fault; for the sentence. */
  endpoint?: Endpoint;
  /** What a person reads, in English. */
  reads: string;
  /** Promises that were broken, in words. */
  broken: string[];
}
