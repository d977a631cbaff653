/** @file One computer with the whole engine on real sockets against the sandbox, for this folder's tests. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { SandboxOptions } from '../../../sandbox/options.ts';
import { temporarySandbox } from '../../../sandbox/testing/temporary-sandbox.ts';
import type { EngineContract } from '../../../shared/engine-contract.ts';
import type { EventPayload } from '../../../shared/rpc/contract.ts';
import { writePhotos } from '../../../test-support/photos.ts';
import type { Engine } from '../../engine-types.ts';
import type { Logger } from '../../logging/logger.ts';
import { openEngine } from '../../open-engine.ts';
import type { Http } from '../../transport/http.ts';
import { createNodeHttp } from '../../transport/node-http.ts';

export const patience = 120_000;
export const ana = 'ana.ruiz@clinica.example';
export const lucia = 'lucia.ferrer@clinica.example';

/** For each test a data folder and, once started, a backend of its own. */
export class TestComputer {
  backend!: Awaited<ReturnType<typeof temporarySandbox>>;
  engine!: Engine;
  dir = '';
  key: Uint8Array = new Uint8Array();
  /** Requests to the gateway with a token, in order. */
  shown: { authorization: string; path: string }[] = [];
  /** Tokens that the gateway takes for ended, as it does when their time is over, until a new one is issued: within a second that is the same text. */
  readonly ended = new Set<string>();
  #cards = 0;

  /** Registers what happens around each test of the file that calls it. */
  static forEachTest(): TestComputer {
    const computer = new TestComputer();
    beforeEach(async () => {
      computer.dir = await mkdtemp(join(tmpdir(), 'relevo-account-'));
      computer.key = randomBytes(32);
      computer.shown = [];
      computer.ended.clear();
    });
    afterEach(async () => {
      await computer.engine?.close();
      await computer.backend?.dispose();
      await rm(computer.dir, { recursive: true, force: true });
    }, patience);
    return computer;
  }

  get sandbox() { return this.backend.sandbox; }
  get calls() { return this.engine.calls; }

  async start(options: Partial<SandboxOptions> = {}, log?: Logger): Promise<void> {
    this.backend = await temporarySandbox(options);
    await this.open(log);
    await this.calls.changeSettings({ gateway: this.sandbox.ready.gateway });
  }

  async open(log?: Logger): Promise<void> {
    this.engine = await openEngine({
      dataDir: join(this.dir, 'data'), key: { bytes: new Uint8Array(this.key), source: 'environment' }, kind: 'app', http: this.#http(),
      administratorFile: join(this.dir, 'none.json'), ...(log ? { log } : {}),
    });
  }

  signIn(email: string) {
    return this.calls.signIn({ email, password: this.sandbox.ready.password });
  }

  async patientIds(): Promise<string[]> {
    return (await this.calls.searchPatients({ text: '', limit: 1000, refresh: false })).patients.map(({ id }) => id);
  }

  async counts() {
    return (await this.calls.getStatus()).counts;
  }

  async page() {
    return this.calls.getQueuePage({ filter: 'all', limit: 10 });
  }

  /** How often the sign-in service was asked for a new token. */
  refreshes(): number {
    return this.sandbox.faults.requests().filter(({ service, path }) => service === 'auth' && path === '/auth/refresh').length;
  }

  /** In whose name photos were sent, or asked after. */
  askedOfMedia(): string[] {
    return this.shown.filter(({ path }) => /^\/media\/(uploads|patients)/.test(path))
      .map(({ authorization }) => (JSON.parse(Buffer.from(authorization.split('.')[1] ?? '', 'base64url').toString()) as { email: string }).email);
  }

  /** A card's photos for a patient. @returns their ids */
  async add(patientId: string, count: number): Promise<string[]> {
    this.#cards += 1;
    const photos = await writePhotos(join(this.dir, `card-${this.#cards}`), count, { seed: `account ${this.#cards}`, width: 160, height: 120 });
    const { outcomes } = await this.calls.addFiles({ batchId: `batch-${this.#cards}`, patientId, paths: photos.map(({ path }) => path) });
    return outcomes.map((outcome) => {
      if (outcome.outcome !== 'queued') throw new Error(JSON.stringify(outcome));
      return outcome.id;
    });
  }

  /** A patient whom both look after. Leaves nobody signed in. */
  async commonPatient(): Promise<string> {
    await this.signIn(ana);
    const hers = new Set(await this.patientIds());
    await this.calls.signOut();
    await this.signIn(lucia);
    const common = (await this.patientIds()).find((id) => hers.has(id));
    await this.calls.signOut();
    if (common === undefined) throw new Error('the sandbox has no such patient');
    return common;
  }

  /** Resolves with the first event of which this holds. */
  once<E extends keyof EngineContract['events'] & string>(event: E, holds: (payload: EventPayload<EngineContract, E>) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.engine.subscribe((name, payload) => {
        if ((name as string) !== event || !holds(payload as unknown as EventPayload<EngineContract, E>)) return;
        stop();
        resolve();
      });
    });
  }

  /** The real network; at the gateway's door, tokens can end at a moment that the test chooses. */
  #http(): Http {
    const real = createNodeHttp();
    return {
      send: async (request) => {
        const { authorization } = request.headers;
        if (authorization !== undefined) this.shown.push({ authorization, path: new URL(request.url).pathname });
        if (authorization !== undefined && this.ended.has(authorization)) {
          const body = Buffer.from('{"error":"unauthorized","message":""}');
          return { status: 401, headers: { date: new Date().toUTCString(), 'content-type': 'application/json' }, body, phases: { total: 1 } };
        }
        const answer = await real.send(request);
        if (answer.status === 200 && /\/auth\/(refresh|login\/user)$/.test(request.url)) this.ended.clear();
        return answer;
      },
      forgetConnections: () => real.forgetConnections(),
      close: () => real.close(),
    };
  }
}
