import { BrowserWindow, screen, session } from 'electron';
import { APP_URL } from './app-address.ts';
import type { Appearance } from './appearance.ts';
import { cutOff, keepOnPage, serveApp } from './content-policy.ts';
import type { MainLog } from './main-log.ts';
import { preloadFile, rendererDir } from './places.ts';
import { visibleBounds } from './window-memory.ts';

const SIZE = { width: 1180, height: 760 };
const LEAST = { minWidth: 900, minHeight: 600 };
const RELOAD_DELAY_MS = 1_000;
/** Whoever opens an app and sees nothing opens it again. */
const SHOWN_AT_LATEST_MS = 8_000;

/** Kept in memory alone: what Chromium stores of a page must not outlive it on a shared computer. */
const PARTITION = 'relevo';

/** Must have run once before the first window. */
export async function prepareSession(): Promise<void> {
  const own = session.fromPartition(PARTITION);
  serveApp(own, rendererDir);
  // Nothing uses the default one, and nothing shall come to.
  await Promise.all([cutOff(own), cutOff(session.defaultSession)]);
}

export interface WindowOptions {
  appearance: Appearance;
  log: MainLog;
  /** Told before the page is loaded, so that it finds its other end. */
  onCreated: (window: BrowserWindow) => void;
}

/** The app's one window, shown when it has something to show. */
export function openWindow({ appearance, log, onCreated }: WindowOptions): BrowserWindow {
  const { memory } = appearance;
  const window = new BrowserWindow({
    ...SIZE,
    ...LEAST,
    ...visibleBounds(memory.bounds, screen.getAllDisplays().map(({ workArea }) => workArea)),
    title: 'Relevo',
    show: false,
    backgroundColor: appearance.background,
    autoHideMenuBar: true,
    webPreferences: {
      preload: preloadFile,
      partition: PARTITION,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      // The list must go on counting while the window is behind another.
      backgroundThrottling: false,
    },
  });
  keepOnPage(window.webContents);
  onCreated(window);

  appearance.onChange(() => { if (!window.isDestroyed()) window.setBackgroundColor(appearance.background); });
  let shown = false;
  const show = (drawn: boolean): void => {
    if (shown || window.isDestroyed()) return;
    shown = true;
    clearTimeout(limit);
    if (memory.maximized) window.maximize();
    window.show();
    log.info('window.shown', { sinceStartMs: Math.round(performance.now()), drawn });
  };
  const limit = setTimeout(() => show(false), SHOWN_AT_LATEST_MS);
  window.once('ready-to-show', () => show(true));
  window.on('close', () => appearance.remember({ bounds: window.getNormalBounds(), maximized: window.isMaximized() }));
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    log.error('window.page-gone', { reason });
    if (reason === 'clean-exit') return;
    // The page holds nothing that is not also in the engine.
    setTimeout(() => { if (!window.isDestroyed()) window.webContents.reload(); }, RELOAD_DELAY_MS);
  });
  void window.loadURL(APP_URL).catch((error: unknown) => log.error('window.not-loaded', { kind: error instanceof Error ? error.name : typeof error }));
  return window;
}
