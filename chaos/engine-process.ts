import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { reportSchema, type Order, type Report } from './messages.ts';

/** One engine process, from its start to its death. */
export class EngineProcess {
  readonly #child: ChildProcess;
  readonly #listeners = new Set<(report: Report) => void>();
  readonly #seen = new Set<Report['type']>();
  readonly #exited: Promise<unknown>;
  /** It answered for itself, without being killed: what a crash of the engine would look like. */
  failure: string | undefined;
  #killed = false;

  /** @param keyBase64 of the data folder, 32 bytes */
  constructor(keyBase64: string) {
    const { RELEVO_KEY: _, NODE_OPTIONS: __, ...environment } = process.env;
    this.#child = fork(join(import.meta.dirname, 'engine-child.ts'), [], {
      execPath: process.execPath, execArgv: [], env: { ...environment, RELEVO_KEY: keyBase64 }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#exited = once(this.#child, 'exit').then(([code, signal]) => {
      if (!this.#killed && code !== 0) this.failure ??= `the engine process ended by itself (code ${String(code)}, signal ${String(signal)})`;
    });
    this.#child.on('message', (message) => {
      const report = reportSchema.parse(message);
      this.#seen.add(report.type);
      if (report.type === 'failed') this.failure ??= report.reason;
      for (const listener of [...this.#listeners]) listener(report);
    });
    // The channel breaks when the process is killed while we write to it.
    this.#child.on('error', () => undefined);
  }

  onReport(listener: (report: Report) => void): void {
    this.#listeners.add(listener);
  }

  send(order: Order): void {
    if (this.#child.connected) this.#child.send(order, () => undefined);
  }

  /** Resolves when it has reported that, or has ended. */
  async until(type: Report['type']): Promise<void> {
    if (this.#seen.has(type)) return;
    await Promise.race([this.#exited, new Promise<void>((resolve) => this.onReport((report) => { if (report.type === type) resolve(); }))]);
  }

  /** Ends it as a power cut would, and waits until it is gone. */
  async kill(): Promise<void> {
    this.#killed = true;
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  /** Ends it as a person would. */
  async close(): Promise<void> {
    this.send({ type: 'close' });
    await this.#exited;
  }
}
