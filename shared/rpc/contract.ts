import type { z } from 'zod';

/** A set of calls and events between two processes. Both ends parse with these schemas. */
export interface Contract {
  methods: Record<string, { input: z.ZodType; output: z.ZodType }>;
  events: Record<string, z.ZodType>;
}

export type Input<C extends Contract, M extends keyof C['methods']> = z.input<C['methods'][M]['input']>;
export type ParsedInput<C extends Contract, M extends keyof C['methods']> = z.output<C['methods'][M]['input']>;
export type Output<C extends Contract, M extends keyof C['methods']> = z.output<C['methods'][M]['output']>;
export type EventPayload<C extends Contract, E extends keyof C['events']> = z.output<C['events'][E]>;

/** What the caller holds. Methods with no input take no argument. */
export type Client<C extends Contract> = {
  [M in keyof C['methods']]: undefined extends Input<C, M>
    ? (input?: Input<C, M>) => Promise<Output<C, M>>
    : (input: Input<C, M>) => Promise<Output<C, M>>;
};

/** What the answering side writes. */
export type Implementation<C extends Contract> = {
  [M in keyof C['methods']]: (input: ParsedInput<C, M>) => Output<C, M> | Promise<Output<C, M>>;
};

/** The least that any two-way channel offers: a socket, a MessagePort, a child process, an IPC channel. */
export interface MessageChannelPort {
  post(message: unknown): void;
  /** @returns a function that stops listening. */
  onMessage(listener: (message: unknown) => void): () => void;
}
