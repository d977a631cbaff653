/** @file The one place that speaks to the window's IPC. Everything that comes is checked for its sender and parsed. */
import { ipcMain } from 'electron';
import type { BrowserWindow, IpcMainEvent } from 'electron';
import { appContract } from '../../shared/app-contract.ts';
import type { AppContract } from '../../shared/app-contract.ts';
import { CallError } from '../../shared/rpc/call-error.ts';
import type { Output } from '../../shared/rpc/contract.ts';
import { serve } from '../../shared/rpc/typed-rpc.ts';
import type { Language } from '../../shared/texts/language.ts';
import { WINDOW_CHANNEL, fromWindowSchema } from '../window-channel.ts';
import { isOwnSender } from './content-policy.ts';
import type { LinkInbox } from './deep-link.ts';
import type { EngineHost } from './engine-host.ts';
import { GrantedPaths } from './granted-paths.ts';
import type { MainLog } from './main-log.ts';
import { saveBundle } from './save-bundle.ts';

export interface WindowServices {
  host: EngineHost;
  language: () => Language;
  appInfo: Output<AppContract, 'getAppInfo'>;
  links: LinkInbox;
  log: MainLog;
}

/** Answers one window until it is closed. */
export function serveWindow(window: BrowserWindow, { host, language, appInfo, links, log }: WindowServices): void {
  const { webContents } = window;
  const granted = new GrantedPaths();
  const frameListeners = new Set<(frame: unknown) => void>();

  const receive = (event: IpcMainEvent, raw: unknown): void => {
    if (!isOwnSender(event, webContents)) {
      log.warn('window.foreign-sender');
      return;
    }
    const message = fromWindowSchema.safeParse(raw);
    if (!message.success) {
      log.warn('window.unreadable-message');
      return;
    }
    if ('grant' in message.data) granted.grant(message.data.grant);
    else for (const listener of frameListeners) listener(message.data.frame);
  };
  ipcMain.on(WINDOW_CHANNEL, receive);

  const server = serve(appContract, {
    ...host.calls,
    addFiles: (input) => {
      granted.check(input.paths);
      return host.calls.addFiles(input);
    },
    // [Note: files the window may name] It may name what a person dropped or chose, for reading, and nothing at all for writing.
    writeBundle: () => { throw new CallError('not-possible-now', 'not from a window'); },
    saveBundle: () => saveBundle(window, host, language()),
    getAppInfo: () => appInfo,
    getEngineState: () => host.state,
    getEngineFailure: () => ({ code: host.failure }),
    getOpenRequest: () => ({ request: links.take() }),
  }, {
    post: (frame) => { if (!webContents.isDestroyed()) webContents.send(WINDOW_CHANNEL, frame); },
    onMessage: (listener) => {
      frameListeners.add(listener);
      return () => { frameListeners.delete(listener); };
    },
  }, { onUnexpected: (method, error) => log.error('window.call-failed', { method, kind: error instanceof Error ? error.name : typeof error }) });

  const stopEvents = host.onEvent((event, payload) => server.emit(event, payload));
  const stopState = host.onState((state) => server.emit('engineState', state));
  const stopLinks = links.onArrival(() => server.emit('open', undefined));
  window.once('closed', () => {
    ipcMain.off(WINDOW_CHANNEL, receive);
    stopEvents();
    stopState();
    stopLinks();
    server.close();
  });
}
