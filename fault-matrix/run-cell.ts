import { setTimeout as sleep } from 'node:timers/promises';
import { assertNever } from '../shared/assert-never.ts';
import type { Failure } from '../shared/domain/failure.ts';
import type { UploadEvent, UploadItem, UploadState } from '../shared/domain/upload.ts';
import { CallError } from '../shared/rpc/call-error.ts';
import { callErrorText } from '../shared/texts/call-errors.ts';
import { failureText } from '../shared/texts/failures.ts';
import type { Engine } from '../engine/engine-types.ts';
import type { Cell, Observed, Under } from './cell.ts';
import * as faults from './faults.ts';
import { photoFor, tokenEndsMs, upload, type Photo, type Stage } from './stage.ts';

/** An upload must have come to rest by then; the longest way there, a part that stalls four times, takes 12 s. */
const restsWithinMs = 60_000;
/** How long a fault goes on after the upload came to rest: whoever starts it again meanwhile is seen. */
const dwellMs = 2_000;
/** A first wait ends after 5 s, an open breaker lets a trial through after 10 s; the rest is for a busy computer. */
const goesOnWithinMs = 60_000;

/** Plays one cell, and tells what came of it. Rejects only where the stage itself fails. */
export async function runCell(stage: Stage, cell: Cell, number: number): Promise<Observed> {
  const photo = await photoFor(cell, number);
  const folder = await stage.folder();
  const run = new Run(stage, cell, photo, await folder.open());
  try {
    await stage.signIn(run.engine);
    return await run.play(folder.open);
  } finally {
    await stage.lift();
    await run.engine.close();
  }
}

class Run {
  engine: Engine;
  readonly #stage: Stage;
  readonly #cell: Cell;
  readonly #photo: Photo;
  readonly #broken: string[] = [];

  constructor(stage: Stage, cell: Cell, photo: Photo, engine: Engine) {
    this.#stage = stage;
    this.#cell = cell;
    this.#photo = photo;
    this.engine = engine;
  }

  play(reopen: () => Promise<Engine>): Promise<Observed> {
    const { where } = this.#cell;
    switch (where) {
      case 'create': case 'part': case 'complete': case 'photo (A)': case 'verify (A)':
        return this.#sending();
      case 'inspect': return this.#asking();
      case 'sign-in': return this.#signingIn();
      case 'refresh': return this.#refreshing();
      case 'capabilities': return this.#negotiating(async () => {
        await this.engine.calls.signOut();
        await this.engine.close();
        this.engine = await (await this.#stage.folder()).open();
        await this.#stage.set(this.#cell);
        await this.#stage.signIn(this.engine);
      });
      case 'capabilities, known': return this.#negotiating(async () => {
        await this.engine.close();
        await this.#stage.set(this.#cell);
        this.engine = await reopen();
      });
      case 'health': return this.#knocking();
      default: return assertNever(where);
    }
  }

  async #sending(): Promise<Observed> {
    const id = await this.#addPaused();
    await this.#stage.set(this.#cell);
    await this.engine.calls.resumeQueue();
    return this.#seen(id);
  }

  /** The session is open already, so the next attempt begins by asking what the server has. */
  async #asking(): Promise<Observed> {
    const id = await this.#addPaused();
    await this.#stage.set({ fault: faults.quotaExceeded, where: 'part', lasts: 'a while' });
    await this.engine.calls.resumeQueue();
    await upload(this.engine, id, atRest, restsWithinMs);
    await this.#stage.lift();
    await this.#stage.set(this.#cell);
    const before = (await this.engine.calls.getUpload({ id })).story.length;
    await this.engine.calls.retryUpload({ id });
    return this.#seen(id, before);
  }

  async #signingIn(): Promise<Observed> {
    const id = await this.#addPaused();
    await this.engine.calls.signOut();
    await this.engine.calls.resumeQueue();
    await this.#stage.set(this.#cell);
    const failed = await this.#stage.signIn(this.engine).then(() => undefined, (error: unknown) => error);
    const requests = this.#stage.network.seen;
    const refusal = failed instanceof CallError ? failed.code : failed === undefined ? undefined : 'internal';
    const stored = this.#stored();
    await this.#stage.lift();
    if (refusal !== undefined) {
      if ((await this.engine.calls.getAccount()).name !== 'signedOut') this.#broken.push('half signed in');
      await this.#signInAgain();
    }
    const item = await this.#end(id);
    return {
      under: refusal === undefined ? 'completed' : 'signed out', requests, tries: item.tries, stored: refusal === undefined ? 1 : stored,
      goesOn: refusal === undefined ? 'never stopped' : 'a person signs in', finally: item.state.name, broken: this.#broken,
      reads: refusal === undefined ? '' : callErrorText('en', refusal).what, ...(refusal === undefined ? {} : { code: refusal }),
    };
  }

  /** As often as a person would; what the server asked us to wait is held for everybody, signing in included. */
  async #signInAgain(): Promise<void> {
    for (let left = 5; ; left -= 1) {
      try {
        return await this.#stage.signIn(this.engine);
      } catch (error) {
        if (left === 0) throw error;
        await sleep(1_000);
      }
    }
  }

  async #refreshing(): Promise<Observed> {
    const id = await this.#addPaused();
    await sleep(tokenEndsMs);
    await this.#stage.set(this.#cell);
    await this.engine.calls.resumeQueue();
    return this.#seen(id);
  }

  async #negotiating(begin: () => Promise<void>): Promise<Observed> {
    await begin();
    const id = await this.#stage.add(this.engine, this.#photo);
    return this.#seen(id);
  }

  /** Away until the photo waits, and back with an answer to a knock that means nothing. */
  async #knocking(): Promise<Observed> {
    const id = await this.#addPaused();
    await this.#stage.set({ fault: faults.refused, where: 'create', lasts: 'a while' });
    await this.engine.calls.resumeQueue();
    const waiting = await upload(this.engine, id, atRest, restsWithinMs);
    await this.#stage.lift();
    await this.#stage.set(this.#cell);
    const { item, story } = await this.#told(await this.#end(id));
    return {
      ...this.#summary(waiting, story), requests: this.#stage.network.seen, tries: item.tries, stored: 0, goesOn: 'by itself',
      finally: item.state.name, broken: this.#broken,
    };
  }

  async #addPaused(): Promise<string> {
    await this.engine.calls.pauseQueue();
    return this.#stage.add(this.engine, this.#photo);
  }

  /** Waits for the upload to come to rest under the fault, lifts that, and sees it through. */
  async #seen(id: string, storyFrom = 0): Promise<Observed> {
    const { lasts } = this.#cell;
    const idles = this.#cell.where === 'capabilities' && lasts === 'a while';
    const under = idles ? await this.#dwelling(id) : await upload(this.engine, id, atRest, restsWithinMs);
    const done = under.state.name === 'completed';
    const before = await this.#told(under);
    if (!done && lasts === 'a while' && !idles) await this.#dwell(id, under, before.story);
    const requests = this.#stage.network.seen;
    const stored = this.#stored();
    await this.#stage.lift();
    const goesOn = done ? 'never stopped' : await this.#help(id, under.state);
    const after = await this.#told(done ? under : await this.#end(id));
    if (!done) this.#checkWait(before.story, after.story);
    const summary = this.#summary(under, before.story.slice(storyFrom));
    if (done) await this.#check(after.item);
    return { ...summary, requests, tries: after.item.tries, stored: stored > 0 ? 1 : 0, goesOn, finally: after.item.state.name, broken: this.#broken };
  }

  async #dwelling(id: string): Promise<UploadItem> {
    await sleep(dwellMs);
    return upload(this.engine, id, () => true, 0);
  }

  /** The fault goes on for a while: nobody may start the upload before its time. */
  async #dwell(id: string, item: UploadItem, story: readonly UploadEvent[]): Promise<void> {
    const due = item.state.name === 'waiting' ? item.state.retryAt - 300 : Infinity;
    await sleep(Math.max(0, Math.min(due, item.updatedAt + dwellMs) - Date.now()));
    const more = (await this.engine.calls.getUpload({ id })).story.length - story.length;
    if (more > 0 && Date.now() < due) this.#broken.push('started again under the fault, before its time');
  }

  async #help(id: string, state: UploadState): Promise<Observed['goesOn']> {
    if (state.name === 'needsAttention') {
      await this.engine.calls.retryUpload({ id });
      return 'a person retries';
    }
    if (state.name !== 'blocked' || state.by !== 'auth') return 'by itself';
    await this.#stage.signIn(this.engine);
    return 'a person signs in';
  }

  async #end(id: string): Promise<UploadItem> {
    const item = await upload(this.engine, id, ({ state }) => state.name === 'completed', goesOnWithinMs);
    await this.#check(item);
    return item;
  }

  async #told(item: UploadItem): Promise<{ item: UploadItem; story: UploadEvent[] }> {
    return { item, story: (await this.engine.calls.getUpload({ id: item.id })).story };
  }

  #stored(): 0 | 1 {
    const count = this.#stage.stored(this.#photo);
    if (count > 1) this.#broken.push(`${count} photos at the server`);
    return count > 0 ? 1 : 0;
  }

  async #check(item: UploadItem): Promise<void> {
    if (item.state.name !== 'completed') { this.#broken.push(`ended as ${item.state.name}`); return; }
    if (this.#stored() !== 1) this.#broken.push('no photo at the server');
    else if (!await this.#stage.isWhole(this.#photo)) this.#broken.push('other bytes at the server');
    const account = (await this.engine.calls.getAccount()).name;
    if (account !== 'signedIn') this.#broken.push(`signed out: ${account}`);
  }

  /** What the server asked us to wait must have been waited, to the second. */
  #checkWait(before: readonly UploadEvent[], after: readonly UploadEvent[]): void {
    const failed = before.findLast(({ kind }) => kind === 'failed');
    const asked = failed?.failure?.retryAfterMs;
    const next = after.slice(before.length).find(({ kind }) => kind === 'started');
    if (failed && next && asked !== undefined && next.at - failed.at < asked) this.#broken.push('came back before Retry-After');
  }

  #summary(under: UploadItem, story: readonly UploadEvent[]): Pick<Observed, 'under' | 'reads'> & Partial<Pick<Observed, 'code' | 'endpoint'>> {
    const { state } = under;
    const failure = 'failure' in state && state.failure ? state.failure : story.find(({ kind }) => kind === 'failed')?.failure;
    // An outcome that was asked for within the try is in the story under its code, and no person is told of it.
    const asked = story.find(({ kind }) => kind === 'asked')?.detail as Failure['code'] | undefined;
    const code = failure?.code ?? asked;
    return {
      under: name(state), reads: failure ? failureText('en', failure).what : '',
      ...(code === undefined ? {} : { code }), ...(failure ? { endpoint: failure.endpoint } : {}),
    };
  }
}

function atRest({ state }: UploadItem): boolean {
  return ['completed', 'waiting', 'blocked', 'needsAttention'].includes(state.name);
}

function name(state: UploadState): Under {
  switch (state.name) {
    case 'completed': case 'waiting': case 'needsAttention': case 'queued': return state.name;
    case 'blocked': return `blocked: ${state.by}`;
    default: throw new Error(`not at rest: ${state.name}`);
  }
}
