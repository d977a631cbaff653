import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import type { Socket } from 'node:net';
import { noLongerWanted } from '../clock.ts';
import { GoAhead } from './asking-first.ts';
import { writeBody, type Pace } from './body-writer.ts';
import { reasonOf } from './http-error-reason.ts';
import { HttpError, bodyBytes, type HttpAnswer, type HttpErrorReason, type HttpRequest, type Phases, type ProxyPart } from './http.ts';

const defaultMaxAnswerBytes = 4 * 1024 * 1024;
/** What a system's send buffer grows to at most (Linux: the third number of net.ipv4.tcp_wmem). */
const sendBufferBytes = 4 * 1024 * 1024;
/** An answer that drips without end is cut off after this many stall limits, unless it is read as it comes. */
const answerStalls = 4;

/** The connection that a request goes over. */
export interface Way {
  start(rest: RequestOptions): ClientRequest;
  /** `tunnel`: the proxy passes bytes on; `forward`: it reads the request and answers what it does not like. */
  proxied: 'tunnel' | 'forward' | undefined;
  opening: { readonly throughProxy: boolean };
  /** The server is asked before the body goes; see [Note: asking before a large body]. */
  asksFirst: boolean;
}

/**
 * One request and its answer on one connection, with a deadline for every phase.
 *
 * [Note: the tail in the kernel's buffer] What the socket has taken may still lie in the system's send buffer, up to
 * some megabytes; on a slow uplink it drains for longer than the stall limit without anything to be seen from here.
 * So the wait for the answer is lengthened by the time that the last such buffer of the body took, or else a slow link
 * would send the same part for ever.
 */
export class Exchange {
  readonly answer: Promise<HttpAnswer>;
  private readonly request: HttpRequest;
  private readonly way: Way;
  private readonly monotonic: () => number;
  private readonly pace: Pace | undefined;
  /** Nothing more is to be written. */
  private readonly over = new AbortController();
  private readonly client: ClientRequest;
  private readonly begunAt: number;
  private readonly phases: Phases = { total: 0 };
  private readonly timers = new Set<NodeJS.Timeout>();
  private resolve!: (answer: HttpAnswer) => void;
  private reject!: (error: HttpError) => void;
  private settled = false;
  private failedWith: HttpErrorReason | undefined;
  private connected = false;
  private handedOver = false;
  private bytesTaken = 0;
  private received = false;
  private socket: Socket | undefined;
  private connectedAt: number;
  private movedAt: number;
  private bytesReadBefore = 0;
  private bytesRead = 0;
  private bodyBegunAt: number | undefined;
  private drainMs = 0;
  private sentAt: number | undefined;
  private awaitsTurn = false;
  private readonly goAhead: GoAhead | undefined;
  private readsOn = false;

  constructor(request: HttpRequest, way: Way, { monotonic, pace }: { monotonic: () => number; pace?: Pace | undefined }) {
    this.request = request;
    this.way = way;
    this.monotonic = monotonic;
    // A body with a limit on the whole is a call, which is not to wait for photos.
    this.pace = request.deadlines.totalMs === undefined ? pace : undefined;
    this.begunAt = this.connectedAt = this.movedAt = monotonic();
    this.answer = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Whoever waits hears of it; a rejection before anyone waits must not end the process.
    this.answer.catch(() => undefined);
    this.goAhead = way.asksFirst ? new GoAhead() : undefined;
    this.client = way.start({ method: request.method, headers: this.headers() });
    // Told after a failure too, when the socket is torn down: without a listener it would end the process.
    this.client.on('error', (error) => { this.failWith(error); });
    if (request.signal?.aborted) {
      this.fail('aborted');
      return;
    }
    request.signal?.addEventListener('abort', this.abort, { once: true });
    this.client.on('socket', (socket) => { this.onSocket(socket); });
    this.client.on('continue', () => { this.goAhead?.hear(); });
    this.client.on('response', (answer) => { this.onAnswer(answer); });
    this.client.on('close', () => { this.fail(this.received ? 'truncated' : 'reset'); });
    this.later(request.deadlines.connectMs, () => { if (!this.connected) this.fail('connect-timeout', this.way.proxied && 'ETIMEDOUT'); });
    if (request.deadlines.totalMs !== undefined) this.later(request.deadlines.totalMs, () => { this.fail('total-timeout'); });
    void this.write();
  }

  /**
   * The connection had been kept alive and turned out dead before the server could have acted: nothing of a body was
   * taken, or the request changes nothing.
   */
  get mayGoAgain(): boolean {
    if (!this.client.reusedSocket || this.received || this.failedWith !== 'reset') return false;
    if ((this.socket?.bytesRead ?? 0) > this.bytesReadBefore) return false;
    return this.request.method === 'GET' || this.request.method === 'HEAD' || (!this.requestSent && this.bytesTaken === 0);
  }

  /** It was asked, and has answered without a word about the body, or that it does not know what that means. */
  ignoredTheQuestion(status: number): boolean {
    if (!this.goAhead || this.goAhead.heard) return false;
    return status === 417 || (status < 300 && this.requestSent);
  }

  /** Taken by the socket and not merely kept by one that never connected: Node says "finished" to a failed handshake too. */
  private get requestSent(): boolean {
    return this.handedOver && this.connected;
  }

  /** Ends it with a reason; nothing happens if it has ended. */
  fail(reason: HttpErrorReason, errno?: string, proxy?: ProxyPart): void {
    if (this.settled) return;
    this.failedWith = reason;
    this.settle();
    const { endpoint } = this.request;
    this.reject(new HttpError({ reason, endpoint, requestSent: this.requestSent && reason !== 'proxy-auth', errno, phases: this.phases, ...this.proxyPart(reason, proxy) }));
    this.client.destroy();
  }

  /** Until a proxy has let us through it alone is who failed. */
  private proxyPart(reason: HttpErrorReason, proxy: ProxyPart | undefined): { reason?: HttpErrorReason; proxy?: ProxyPart } {
    if (proxy || this.way.proxied === undefined || reason === 'aborted') return proxy ? { proxy } : {};
    const passed = this.way.proxied === 'tunnel' ? this.connected || this.way.opening.throughProxy : this.connected;
    if (passed) return { proxy: { passed } };
    return { ...(reason === 'offline' ? {} : { reason: 'proxy' }), proxy: { unreached: true } };
  }

  private readonly abort = (): void => { this.fail('aborted'); };

  private failWith(error: unknown): void {
    const { reason, errno, proxy } = reasonOf(error, { connected: this.connected, answerBegun: this.received });
    this.fail(reason, errno, proxy);
  }

  private settle(): void {
    this.settled = true;
    this.endWriting();
    for (const timer of this.timers) clearTimeout(timer);
    this.request.signal?.removeEventListener('abort', this.abort);
    this.phases.total = this.monotonic() - this.begunAt;
  }

  private endWriting(): void {
    this.over.abort(noLongerWanted);
    this.goAhead?.give();
  }

  private later(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      act();
    }, ms);
    this.timers.add(timer);
  }

  private headers(): Record<string, string> {
    const { method, body, headers } = this.request;
    if (!body && (method === 'GET' || method === 'HEAD' || method === 'DELETE')) return headers;
    return { ...headers, 'content-length': String(bodyBytes(body)), ...(this.goAhead ? { expect: '100-continue' } : {}) };
  }

  private onSocket(socket: Socket): void {
    if (this.settled) return;
    this.socket = socket;
    this.bytesReadBefore = socket.bytesRead;
    const ready = (): void => {
      if (this.connected) return;
      this.connected = true;
      this.connectedAt = this.movedAt = this.monotonic();
      this.goAhead?.begin(this.request.deadlines.stallMs);
      this.watch();
    };
    if (!socket.connecting) {
      ready();
      return;
    }
    const encrypted = 'encrypted' in socket;
    let from = this.monotonic();
    const phase = (name: 'dns' | 'tcp' | 'tls') => (): void => {
      const now = this.monotonic();
      this.phases[name] = now - from;
      from = now;
      if (name === (encrypted ? 'tls' : 'tcp')) ready();
    };
    socket.once('lookup', phase('dns'));
    socket.once('connect', phase('tcp'));
    if (encrypted) socket.once('secureConnect', phase('tls'));
  }

  /** Looks now and then whether anything moved; cheaper than a timer wound up by every chunk. */
  private watch(): void {
    const { stallMs } = this.request.deadlines;
    this.later(Math.max(5, Math.min(1_000, stallMs / 8)), () => {
      const now = this.monotonic();
      // Whoever waits for a turn under the limit is not stalled.
      if (this.awaitsTurn) this.movedAt = now;
      const bytesRead = (this.socket?.bytesRead ?? 0) - this.bytesReadBefore;
      if (bytesRead !== this.bytesRead) {
        this.bytesRead = bytesRead;
        this.movedAt = now;
      }
      if (now - this.movedAt > stallMs + this.drainMs) this.fail('stalled');
      else if (this.sentAt !== undefined && !this.readsOn && now - this.sentAt > answerStalls * stallMs + this.drainMs) this.fail('stalled');
      else if (!this.settled) this.watch();
    });
  }

  private async write(): Promise<void> {
    const { body } = this.request;
    if (!body || body.length === 0) {
      this.client.end(() => { this.sent(); });
      return;
    }
    if (this.goAhead) {
      this.client.flushHeaders();
      await this.goAhead.given;
      if (this.over.signal.aborted) return;
    }
    await writeBody({
      to: this.client, chunks: body, monotonic: this.monotonic, over: this.over.signal, pace: this.pace,
      onTurn: (awaited) => {
        this.awaitsTurn = awaited;
        this.movedAt = this.monotonic();
      },
      onTaken: (bytes) => {
        const now = this.monotonic();
        this.bodyBegunAt ??= now;
        this.bytesTaken += bytes;
        this.movedAt = now;
        if (!this.settled) this.request.onSent?.(bytes);
      },
    });
    if (this.settled || this.received) return;
    this.sent();
    this.client.end();
  }

  private sent(): void {
    const now = this.monotonic();
    this.handedOver = true;
    this.sentAt = this.movedAt = now;
    if (this.bodyBegunAt === undefined || this.bytesTaken === 0) return;
    // See [Note: the tail in the kernel's buffer]: a body that went in at once says nothing of the link, and adds nothing.
    this.drainMs = Math.min(3 * this.request.deadlines.stallMs, (now - this.bodyBegunAt) * Math.min(1, sendBufferBytes / this.bytesTaken));
  }

  private onAnswer(answer: IncomingMessage): void {
    this.received = true;
    this.endWriting();
    this.phases.firstByte = this.monotonic() - (this.sentAt ?? this.connectedAt);
    const limit = this.request.maxAnswerBytes ?? defaultMaxAnswerBytes;
    const take = answer.statusCode === 200 ? this.request.onAnswer : undefined;
    this.readsOn = take !== undefined;
    const chunks: Buffer[] = [];
    let length = 0;
    answer.on('data', (chunk: Buffer) => {
      this.movedAt = this.monotonic();
      length += chunk.length;
      if (length > limit) this.fail('answer-too-long');
      else if (!take) chunks.push(chunk);
      else if (!this.settled) take(chunk);
    });
    answer.on('error', (error) => { this.failWith(error); });
    answer.on('end', () => {
      if (this.settled) return;
      if (!answer.complete) {
        this.fail('truncated');
        return;
      }
      if (this.way.proxied === 'forward' && answer.statusCode === 407) {
        this.fail('proxy-auth', undefined, { challenges: answer.headersDistinct['proxy-authenticate'] ?? [] });
        return;
      }
      this.settle();
      this.resolve({ status: answer.statusCode ?? 0, headers: flat(answer), body: Buffer.concat(chunks), phases: this.phases, bodyTaken: this.requestSent && this.bytesTaken === bodyBytes(this.request.body) });
      // Answered before it had heard all: what is left of the body would be read as the next request.
      if (!this.requestSent) this.client.destroy();
    });
  }
}

function flat(answer: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(answer.headersDistinct).map(([name, values]) => [name, values?.join(', ') ?? '']));
}
