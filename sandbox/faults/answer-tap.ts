/**
 * @file Changes what a handler answers, from outside: the response's own methods are stood in front of, so that it works
 * alike for Fastify, Koa and a plain pipe.
 */
import type { ServerResponse } from 'node:http';

type Written = string | Uint8Array;

function toBuffer(chunk: unknown, encoding: unknown): Buffer {
  if (chunk === undefined || chunk === null || typeof chunk === 'function') return Buffer.alloc(0);
  return typeof chunk === 'string' ? Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8') : Buffer.from(chunk as Uint8Array);
}

function callbackOf(parameters: unknown[]): (() => void) | undefined {
  return parameters.find((parameter): parameter is () => void => typeof parameter === 'function');
}

/** Swallows the handler's answer; `answer` runs in its place when the handler has ended it, with the response as new. */
export function replaceAnswer(response: ServerResponse, answer: () => void): void {
  const { writeHead, write, end, flushHeaders } = response;
  response.writeHead = (() => response) as typeof writeHead;
  response.flushHeaders = () => undefined;
  response.write = ((...parameters: unknown[]) => {
    callbackOf(parameters)?.();
    return true;
  }) as typeof write;
  response.end = ((...parameters: unknown[]) => {
    Object.assign(response, { writeHead, write, end, flushHeaders });
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    callbackOf(parameters)?.();
    answer();
    return response;
  }) as typeof end;
}

/** Sends the head and `bytes` of the body, then resets the connection. */
export function truncateAnswer(response: ServerResponse, bytes: number): void {
  const { write, end } = response;
  let left = bytes;
  const cut = (last: Buffer): void => {
    const reset = (): void => void response.socket?.resetAndDestroy();
    // The reset must not overtake what was written before it.
    const afterFlush = (): void => void setTimeout(reset, 20);
    if (last.length > 0) write.call(response, last, 'utf8', afterFlush);
    else {
      response.flushHeaders();
      afterFlush();
    }
  };
  const take = (chunk: Buffer, ended: boolean): boolean => {
    if (left < 0) return true;
    if (chunk.length < left && !ended) {
      left -= chunk.length;
      return write.call(response, chunk, 'utf8');
    }
    const last = chunk.subarray(0, left);
    left = -1;
    // Without the true length a client could not tell that something is missing.
    if (ended && !response.headersSent && !response.hasHeader('content-length')) response.setHeader('content-length', Math.max(chunk.length, bytes + 1));
    cut(last);
    return true;
  };
  response.write = ((chunk: Written, encoding: unknown) => take(toBuffer(chunk, encoding), false)) as typeof write;
  response.end = ((chunk: unknown, encoding: unknown) => {
    take(toBuffer(chunk, encoding), true);
    return response;
  }) as typeof end;
}

/** Sends the real answer at `bytesPerSecond`, in tenths of a second, at least a byte each. */
export function dripAnswer(response: ServerResponse, bytesPerSecond: number): void {
  const { write, end } = response;
  const perTick = Math.max(1, Math.floor(bytesPerSecond / 10));
  let waiting = Buffer.alloc(0);
  let ended = false;
  let timer: NodeJS.Timeout | undefined;
  response.once('close', () => clearInterval(timer));
  const start = (): void => {
    timer ??= setInterval(() => {
      const now = waiting.subarray(0, perTick);
      waiting = waiting.subarray(perTick);
      if (now.length > 0) write.call(response, now, 'utf8');
      if (waiting.length > 0 || !ended) return;
      clearInterval(timer);
      end.call(response, undefined, 'utf8');
    }, 100);
  };
  const take = (chunk: Buffer): void => {
    waiting = Buffer.concat([waiting, chunk]);
    start();
  };
  response.write = ((chunk: Written, encoding: unknown) => {
    take(toBuffer(chunk, encoding));
    return true;
  }) as typeof write;
  response.end = ((chunk: unknown, encoding: unknown) => {
    ended = true;
    const last = toBuffer(chunk, encoding);
    // The handler left the length to Node, which no longer sees the answer in one piece.
    if (waiting.length === 0 && !response.headersSent && !response.hasHeader('content-length')) response.setHeader('content-length', last.length);
    take(last);
    return response;
  }) as typeof end;
}

/** Sets headers over whatever the handler gives. */
export function headersOverAnswer(response: ServerResponse, headers: Record<string, string>): void {
  const { writeHead } = response;
  response.writeHead = ((status: number, ...rest: unknown[]) => {
    const given = rest.find((parameter) => typeof parameter === 'object' && parameter !== null) as Record<string, string> | undefined;
    for (const [name, value] of Object.entries({ ...given, ...headers })) response.setHeader(name, value);
    response.writeHead = writeHead;
    return writeHead.call(response, status);
  }) as typeof writeHead;
}
