import { join } from 'node:path';
import { app, dialog } from 'electron';
import type { BrowserWindow } from 'electron';
import type { Language } from '../../shared/texts/language.ts';
import type { EngineHost } from './engine-host.ts';
import { mainTexts } from './texts.ts';

/**
 * Asks the person where the support bundle shall lie, and has the engine write it there. The page itself never names the file: see
 * [Note: files the window may name].
 *
 * @throws CallError `not-possible-now` where the file cannot be written.
 */
export async function saveBundle(window: BrowserWindow, host: EngineHost, language: Language): Promise<{ saved: boolean }> {
  const day = new Date().toISOString().slice(0, 10);
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    title: mainTexts(language).saveBundle,
    defaultPath: join(app.getPath('documents'), `relevo-${day}.zip`),
    filters: [{ name: 'ZIP', extensions: ['zip'] }],
  });
  if (canceled || !filePath) return { saved: false };
  await host.calls.writeBundle({ file: filePath });
  return { saved: true };
}
