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

export interface ClosingOptions {
  window: BrowserWindow;
  host: EngineHost;
  appearance: Appearance;
  show: () => void;
}

export function watchClosing({ window, host, appearance, show }: ClosingOptions): void {
  let left = 0;
  let quitting = false;
  let asking = false;
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
    asking = true;
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
    asking = false;
    if (response === 0) window.minimize();
    if (response === 1) app.quit();
  };

  app.on('before-quit', () => { quitting = true; });
  window.on('show', removeTray);
  window.on('close', (event) => {
    if (quitting || left === 0) return;
    event.preventDefault();
    if (hides) hide();
    else if (!asking) void ask();
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
