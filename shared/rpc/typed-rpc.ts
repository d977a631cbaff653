import { createBirpc } from 'birpc';
import { z } from 'zod';
import { CallError, callErrorCodeSchema } from './call-error.ts';
import type { Client, Contract, EventPayload, Implementation, MessageChannelPort } from './contract.ts';

const answerSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), code: callErrorCodeSchema, detail: z.string().optional() }),
]);
type Answer = z.infer<typeof answerSchema>;

/**
 * birpc takes it that what comes is one of its own frames: it would fail without anyone to catch it on `undefined`, and would
 * look for `constructor` among the functions. So each end is given only the frames that are meant for it.
 */
const callFrameSchema = z.object({ t: z.literal('q'), m: z.literal('call'), i: z.string().min(1).max(200), a: z.tuple([z.string().max(200), z.unknown().optional()]) });
const eventFrameSchema = z.object({ t: z.literal('q'), m: z.literal('event'), a: z.tuple([z.string().max(200), z.unknown().optional()]) });
const answerFrameSchema = z.object({ t: z.literal('s'), i: z.string().min(1).max(200), r: z.unknown().optional(), e: z.unknown().optional() });
const fromServerSchema = z.discriminatedUnion('t', [eventFrameSchema, answerFrameSchema]);

function onFrame(port: MessageChannelPort, frame: z.ZodType, listener: (frame: unknown) => void): () => void {
  return port.onMessage((message) => {
    const parsed = frame.safeParse(message);
    if (parsed.success) listener(parsed.data);
  });
}

/** The wire under every contract: one call, one event. Errors travel as data, so that no stack or text leaks. */
interface ServerFunctions { call(method: string, input: unknown): Promise<Answer> }
interface ClientFunctions { event(name: string, payload: unknown): void }

export interface Server<C extends Contract> {
  emit<E extends keyof C['events'] & string>(event: E, payload: EventPayload<C, E>): void;
  close(): void;
}

export interface ServeOptions {
  /** Told of anything thrown that was not a `CallError`; the caller sees only `internal`. */
  onUnexpected?: (method: string, error: unknown) => void;
}

/** Answers a contract's calls on a port, parsing every input before the implementation sees it. */
export function serve<C extends Contract>(
  contract: C, implementation: Implementation<C>, port: MessageChannelPort, options: ServeOptions = {},
): Server<C> {
  async function call(method: string, input: unknown): Promise<Answer> {
    const definition = Object.hasOwn(contract.methods, method) ? contract.methods[method] : undefined;
    if (!definition) return { ok: false, code: 'invalid-input', detail: 'unknown method' };
    const parsed = definition.input.safeParse(input);
    if (!parsed.success) return { ok: false, code: 'invalid-input', detail: issuePaths(parsed.error) };
    try {
      const handler = implementation[method as keyof C['methods']] as (value: unknown) => unknown;
      return { ok: true, value: await handler.call(implementation, parsed.data) };
    } catch (error) {
      if (error instanceof CallError) return { ok: false, code: error.code, detail: error.detail };
      options.onUnexpected?.(method, error);
      return { ok: false, code: 'internal' };
    }
  }
  let stopListening: (() => void) | undefined;
  const rpc = createBirpc<ClientFunctions, ServerFunctions>({ call }, {
    post: (data) => port.post(data),
    on: (listener) => { stopListening = onFrame(port, callFrameSchema, listener); },
    off: () => stopListening?.(),
    eventNames: ['event'],
    timeout: -1,
  });
  return {
    // A peer that has gone away makes posting fail; the events were for it alone.
    emit: (event, payload) => { void rpc.event.asEvent(event, payload).catch(() => undefined); },
    close: () => rpc.$close(),
  };
}

export interface Connection<C extends Contract> {
  readonly call: Client<C>;
  /** @returns a function that stops listening. */
  on<E extends keyof C['events'] & string>(event: E, listener: (payload: EventPayload<C, E>) => void): () => void;
  /** Calls under way fail with `engine-stopped`. */
  close(): void;
}

/** Calls a contract over a port, parsing every answer and event before it is handed on. */
export function connect<C extends Contract>(contract: C, port: MessageChannelPort): Connection<C> {
  const listeners = new Map<string, Set<(payload: never) => void>>();
  let stopListening: (() => void) | undefined;
  function event(name: string, payload: unknown): void {
    const schema = Object.hasOwn(contract.events, name) ? contract.events[name] : undefined;
    const parsed = schema?.safeParse(payload);
    if (!parsed?.success) return;
    for (const listener of listeners.get(name) ?? []) listener(parsed.data as never);
  }
  const rpc = createBirpc<ServerFunctions, ClientFunctions>({ event }, {
    post: (data) => port.post(data),
    on: (listener) => { stopListening = onFrame(port, fromServerSchema, listener); },
    off: () => stopListening?.(),
    // Adding a thousand files takes as long as it takes; the far end's death is told by `close`.
    timeout: -1,
  });
  async function call(method: string, input: unknown): Promise<unknown> {
    let raw: unknown;
    try {
      raw = await rpc.call(method, input);
    } catch {
      throw new CallError('engine-stopped');
    }
    const answer = answerSchema.safeParse(raw);
    if (!answer.success) throw new CallError('internal', 'unreadable answer');
    if (!answer.data.ok) throw new CallError(answer.data.code, answer.data.detail);
    const value = contract.methods[method]!.output.safeParse(answer.data.value);
    if (!value.success) throw new CallError('internal', `answer of ${method}: ${issuePaths(value.error)}`);
    return value.data;
  }
  const client = Object.fromEntries(
    Object.keys(contract.methods).map((method) => [method, (input?: unknown) => call(method, input)]),
  ) as Client<C>;
  return {
    call: client,
    on: (name, listener) => {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set);
      set.add(listener as (payload: never) => void);
      return () => { set.delete(listener as (payload: never) => void); };
    },
    close: () => rpc.$close(),
  };
}

/** Where the input is wrong, never what it held: the values may be a patient's. */
function issuePaths(error: z.ZodError): string {
  return error.issues.slice(0, 5).map((issue) => `${issue.path.join('.') || '(root)'}: ${issue.code}`).join(', ');
}
