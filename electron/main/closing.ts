/** @file What happens when a person closes the window while photos are still to be sent. */
import { Tray, app, dialog } from 'electron';
import type { BrowserWindow } from 'electron';
import type { EngineContract } from '../../shared/engine-contract.ts';
import type { EventPayload } from '../../shared/rpc/contract.ts';
import type { Appearance } from './appearance.ts';
import type { EngineHost } from './engine-host.ts';
import { appIcon } from './icon.ts';
import { mainTexts } from './texts.ts';
import { trayMenu } from './menu.ts';

type Counts = EventPayload<EngineContract, 'queue'>['counts'];

/** Photos that will still be sent by themselves; those that need a person do not keep the app open. */
export function leftToSend(counts: Counts): number {
  return counts.queued + counts.uploading + counts.completing + counts.waiting + counts.blocked;
}

/**
 * [Note: closing with photos left] Windows and macOS always show an app that has no window, in the tray or the dock: there closing hides it,
 * and it goes on sending. On Linux nothing tells whether a tray is shown, and an app that nobody can find is worse than a question.
 */
const hides = process.platform !== 'linux';

/** An engine that does not say in this time what is left is not waited for: the last number it told must do. */
const ANSWER_LIMIT_MS = 1_500;

export interface ClosingOptions {
  window: BrowserWindow;
  host: EngineHost;
  appearance: Appearance;
  show: () => void;
}

export function watchClosing({ window, host, appearance, show }: ClosingOptions): void {
  let left = 0;
  let quitting = false;
  let closing = false;
  let tray: Tray | undefined;

  const removeTray = (): void => {
    tray?.destroy();
    tray = undefined;
  };
  const hide = (): void => {
    if (!tray && process.platform !== 'darwin') {
      tray = new Tray(appIcon());
      tray.on('click', show);
    }
    tray?.setToolTip(mainTexts(appearance.language).tooltip(left));
    tray?.setContextMenu(trayMenu(appearance.language, show));
    window.hide();
  };
  const ask = async (): Promise<void> => {
    const text = mainTexts(appearance.language);
    const { response } = await dialog.showMessageBox(window, {
      type: 'question',
      title: text.closeTitle,
      message: text.closeQuestion(left),
      detail: text.closeDetail,
      buttons: [text.keepSending, text.closeAnyway, text.cancel],
      defaultId: 0,
      cancelId: 2,
      noLink: true,
    });
    if (response === 0) window.minimize();
    if (response === 1) app.quit();
  };

  /**
   * Asked when it counts: the engine tells changes a few times a second at most, so the number told last may be from before the photos that
   * the person has just been promised are safe.
   */
  const countLeft = async (): Promise<void> => {
    if (host.state !== 'running') return;
    const limit = new Promise<undefined>((resolve) => { setTimeout(resolve, ANSWER_LIMIT_MS); });
    const status = await Promise.race([Promise.resolve(host.calls.getStatus()).catch(() => undefined), limit]);
    if (status) left = leftToSend(status.counts);
  };
  const close = async (): Promise<void> => {
    closing = true;
    await countLeft();
    if (left === 0) app.quit();
    else if (hides) hide();
    else await ask();
    closing = false;
  };

  app.on('before-quit', () => { quitting = true; });
  window.on('show', removeTray);
  window.on('close', (event) => {
    if (quitting) return;
    event.preventDefault();
    if (!closing) void close();
  });
  host.onEvent((event, payload) => {
    if (event !== 'queue') return;
    left = leftToSend((payload as EventPayload<EngineContract, 'queue'>).counts);
    tray?.setToolTip(mainTexts(appearance.language).tooltip(left));
  });
  // What was left from the last run is told by no event.
  host.onState((state) => {
    if (state === 'running') Promise.resolve(host.calls.getStatus()).then(({ counts }) => { left = leftToSend(counts); }, () => undefined);
  });
}
