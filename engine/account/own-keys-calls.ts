import type { EngineImplementation } from '../../shared/engine-contract.ts';
import type { OwnKeysTest } from '../../shared/domain/own-keys.ts';
import { CallError } from '../../shared/rpc/call-error.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logging/logger.ts';
import type { KeyValueStore } from '../queue/upload-store.ts';
import type { Http } from '../transport/http.ts';
import { ownKeysPlace } from '../transport/own-keys.ts';
import type { S3Target } from '../transport/s3-calls.ts';
import { forgetOwnKeys, keepOwnKeys, keptOwnKeys, shownOwnKeys, targetOf } from './own-keys.ts';
import { testOwnKeys } from './own-keys-test.ts';

export interface OwnKeysCallTools {
  store: KeyValueStore;
  /** The bare network. */
  http: Http;
  clock: Clock;
  log: Logger;
  closing: AbortSignal;
  gateway(): string | undefined;
  /** Settles with the store what was begun there with keys that are about to go. @param at see `Transport.at` */
  leave(at: string): Promise<void>;
  /** Interrupts what is being sent and lets nothing begin meanwhile; what is sent afterwards goes the way that is then in force. */
  whileNothingIsSent(work: () => Promise<void>): Promise<void>;
}

type OwnKeysCalls = Pick<EngineImplementation, 'getOwnKeys' | 'testOwnKeys' | 'saveOwnKeys' | 'removeOwnKeys'>;

/** The clinic's own Spaces keys, of the gateway in force: patients and accounts still come from there. */
export function createOwnKeysCalls(tools: OwnKeysCallTools): OwnKeysCalls {
  const { store, http, clock, log, closing } = tools;

  function gateway(): string {
    const url = tools.gateway();
    if (url === undefined) throw new CallError('no-gateway');
    return url;
  }

  function required(target: S3Target | undefined): S3Target {
    if (!target) throw new CallError('invalid-input', 'secret-missing');
    return target;
  }

  async function test(target: S3Target): Promise<OwnKeysTest> {
    const outcome = await testOwnKeys({ http, clock, signal: closing }, target);
    for (const { step, outcome: ended, failure } of outcome.steps) {
      if (failure) log.warn('own-keys.test', { step, outcome: ended, code: failure.code, detail: failure.detail, status: failure.httpStatus });
    }
    return outcome;
  }

  return {
    getOwnKeys: () => {
      const at = tools.gateway();
      return { ownKeys: at === undefined ? undefined : shownOwnKeys(keptOwnKeys(store, at)) };
    },
    testOwnKeys: (given) => test(required(targetOf(given, keptOwnKeys(store, gateway())))),
    saveOwnKeys: async (given) => {
      const at = gateway();
      const before = keptOwnKeys(store, at);
      const target = required(targetOf(given, before));
      const outcome = await test(target);
      // The gateway may have been changed while the store was being asked.
      if (!outcome.passed || tools.gateway() !== at) return { ...outcome, saved: false };
      await tools.whileNothingIsSent(async () => {
        if (before && ownKeysPlace(before) !== ownKeysPlace(target)) await tools.leave(ownKeysPlace(before));
        keepOwnKeys(store, at, target, clock.now());
      });
      log.info('own-keys.saved');
      return { ...outcome, saved: true };
    },
    removeOwnKeys: async () => {
      const at = gateway();
      const before = keptOwnKeys(store, at);
      if (!before) return;
      await tools.whileNothingIsSent(() => tools.leave(ownKeysPlace(before)).finally(() => forgetOwnKeys(store, at)));
      log.info('own-keys.removed');
    },
  };
}
