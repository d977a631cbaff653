import { HttpError, type Http, type HttpAnswer } from '../transport/http.ts';

export type Reply = number | { status: number; headers: Record<string, string> } | 'refused' | 'aborted' | Promise<HttpAnswer>;

/** A network that answers what the test says next, and counts what reached it. */
export function scripted(next: () => Reply): Http & { sent: number } {
  return {
    sent: 0,
    async send(): Promise<HttpAnswer> {
      this.sent += 1;
      const reply = next();
      if (reply instanceof Promise) return reply;
      if (typeof reply === 'string') throw new HttpError({ reason: reply, endpoint: 'gateway', requestSent: false });
      return typeof reply === 'number' ? answerOf(reply) : answerOf(reply.status, reply.headers);
    },
    forgetConnections() {}, close() {},
  };
}

export function answerOf(status: number, headers: Record<string, string> = {}): HttpAnswer {
  return { status, headers, body: new Uint8Array(), phases: { total: 1 } };
}
