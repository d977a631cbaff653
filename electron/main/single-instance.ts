import { app } from 'electron';

/**
 * One app per data folder (Chromium's lock lies in `userData`, which is inside it). A second start brings the first to the front.
 *
 * @returns false if another one runs; then this one must end.
 */
export function isOnlyInstance(onSecond: () => void): boolean {
  if (!app.requestSingleInstanceLock()) return false;
  app.on('second-instance', onSecond);
  return true;
}
