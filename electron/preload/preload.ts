/**
 * @file Runs in the window's sandbox, before the page and apart from it. Hands frames on unread: main parses them. Must stay small and
 * import nothing at run time but Electron.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { RelevoBridge } from '../../shared/app-contract.ts';

// Written out, since the schemas beside its declaration would come along into the sandbox. Main refuses anything else.
const WINDOW_CHANNEL = 'relevo' satisfies typeof import('../window-channel.ts').WINDOW_CHANNEL;

const bridge: RelevoBridge = {
  post: (frame) => ipcRenderer.send(WINDOW_CHANNEL, { frame }),
  onMessage: (listener) => {
    const receive = (_event: Electron.IpcRendererEvent, message: unknown): void => listener(message);
    ipcRenderer.on(WINDOW_CHANNEL, receive);
    return () => { ipcRenderer.off(WINDOW_CHANNEL, receive); };
  },
  pathOf: (file) => {
    if (!(file instanceof File)) return '';
    const path = webUtils.getPathForFile(file);
    // See [Note: granted paths].
    if (path) ipcRenderer.send(WINDOW_CHANNEL, { grant: path });
    return path;
  },
};

contextBridge.exposeInMainWorld('relevo', bridge);
