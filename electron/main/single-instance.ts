import { app } from 'electron';

/**
 * One app per data folder (Chromium's lock lies in `userData`, which is inside it). A second start brings the first to the front.
 *
 * @param onSecond told what the second was started with.
 * @returns false if another one runs; then this one must end.
 */
export function isOnlyInstance(onSecond: (args: string[]) => void): boolean {
  if (!app.requestSingleInstanceLock()) return false;
  app.on('second-instance', (_event, args) => onSecond(args));
  return true;
}
