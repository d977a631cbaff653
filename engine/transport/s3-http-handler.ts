import { Readable } from 'node:stream';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { callDeadlines, photoDeadlines, type Http, type HttpRequest } from './http.ts';

type Handler = Extract<NonNullable<S3ClientConfig['requestHandler']>, { handle: unknown }>;
type SdkRequest = Parameters<Handler['handle']>[0];
type SdkOptions = Parameters<Handler['handle']>[1];

/** What the SDK's options cannot carry: a body in chunks, and who is told of its progress. By the body object given to the command. */
export interface BodyInChunks {
  chunks: readonly Uint8Array[];
  onSent?: (bytes: number) => void;
  /** Told when the system has taken every byte of them, so that nothing reads them any more, and the store has said yes. */
  onStored?: () => void;
}

/** Bodies given to commands stand for these chunks; the SDK never sees the bytes, so it neither copies nor hashes them. */
export type Bodies = WeakMap<object, BodyInChunks>;

/** By the signal given with a command: who takes the object that it gets, piece by piece. The SDK sees an empty one. */
export type Takers = WeakMap<AbortSignal, (piece: Uint8Array) => void>;

/** Lets the AWS SDK send through the `Http` port, so that its deadlines, measurements and the simulated network hold. */
export function s3HttpHandler(http: Http, bodies: Bodies, takers: Takers, maxAnswerBytes: number): Handler {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    destroy: () => undefined,
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
    async handle(request: SdkRequest, options?: SdkOptions) {
      const chunks = typeof request.body === 'object' && request.body !== null ? bodies.get(request.body as object) : undefined;
      const body = chunks?.chunks ?? bytesOf(request.body);
      const signal = signalOf(options);
      const onAnswer = signal && takers.get(signal);
      const answer = await http.send({
        method: request.method as HttpRequest['method'],
        url: urlOf(request),
        headers: withoutHopHeaders(request.headers),
        ...(body ? { body } : {}),
        endpoint: 'spaces',
        deadlines: chunks || request.method === 'GET' ? photoDeadlines : callDeadlines,
        signal,
        maxAnswerBytes,
        ...(chunks?.onSent ? { onSent: chunks.onSent } : {}),
        ...(onAnswer ? { onAnswer } : {}),
      });
      if (answer.status === 200 && answer.bodyTaken) chunks?.onStored?.();
      // XML the SDK reads from bytes; an object it wants as a stream. It looks at the shape of an answer, not at its class.
      const isObject = answer.status === 200 && request.query?.['x-id'] === 'GetObject';
      const read = isObject ? Readable.from([answer.body]) : answer.body;
      return { response: { statusCode: answer.status, headers: answer.headers, body: read, reason: undefined } as never };
    },
  };
}

function urlOf({ protocol, hostname, port, path, query }: SdkRequest): string {
  const pairs = Object.entries(query ?? {}).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((each) => `${encode(name)}=${encode(each ?? '')}`));
  return `${protocol}//${hostname}${port ? `:${port}` : ''}${path}${pairs.length > 0 ? `?${pairs.join('&')}` : ''}`;
}

/** As the signature has it (RFC 3986), which is stricter than `encodeURIComponent`. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function withoutHopHeaders(headers: Record<string, string>): Record<string, string> {
  // Both are for whoever sends to say.
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !/^(expect|content-length)$/i.test(name)));
}

function bytesOf(body: unknown): Uint8Array[] | undefined {
  if (typeof body === 'string') return [new TextEncoder().encode(body)];
  return body instanceof Uint8Array ? [body] : undefined;
}

function signalOf(options: SdkOptions): AbortSignal | undefined {
  return options?.abortSignal instanceof AbortSignal ? options.abortSignal : undefined;
}
