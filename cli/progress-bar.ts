import type { CommandIo } from './io.ts';

const barCells = 24;

export interface ProgressBar {
  /** @param ratio from 0 to 1 */
  show(ratio: number, text: string): void;
  /** Wipes the bar, so that what is printed next stands on a clean line. */
  clear(): void;
}

/** One line that is drawn over itself on a terminal's standard error; nothing at all elsewhere. */
export function createProgressBar(stderr: CommandIo['stderr'], enabled: boolean): ProgressBar {
  let shown = false;
  if (!enabled || !stderr.isTTY) return { show() {}, clear() {} };
  return {
    show(ratio, text) {
      const filled = Math.floor(Math.min(1, Math.max(0, ratio)) * barCells);
      const line = `${'█'.repeat(filled)}${'░'.repeat(barCells - filled)}  ${text}`;
      stderr.write(`\r\u001b[2K${[...line].slice(0, (stderr.columns ?? 80) - 1).join('')}`);
      shown = true;
    },
    clear() {
      if (shown) stderr.write('\r\u001b[2K');
      shown = false;
    },
  };
}
