import { Menu, app } from 'electron';
import type { MenuItemConstructorOptions } from 'electron';
import type { Language } from '../../shared/texts/language.ts';
import { mainTexts } from './texts.ts';

/** The least that copy, paste and quit need to work on every system. Its bar is hidden where there is one. */
export function setMenu(language: Language): void {
  const text = mainTexts(language);
  const template: MenuItemConstructorOptions[] = [
    {
      label: text.edit,
      submenu: [
        { role: 'undo', label: text.undo }, { role: 'redo', label: text.redo }, { type: 'separator' },
        { role: 'cut', label: text.cut }, { role: 'copy', label: text.copy }, { role: 'paste', label: text.paste },
        { role: 'selectAll', label: text.selectAll },
      ],
    },
    { label: text.window, submenu: [{ role: 'minimize', label: text.minimize }, { role: 'quit', label: text.quit }] },
  ];
  if (process.platform === 'darwin') template.unshift({ label: 'Relevo', submenu: [{ role: 'hide' }, { role: 'quit', label: text.quit }] });
  if (!app.isPackaged) template.push({ label: 'Development', submenu: [{ role: 'toggleDevTools' }, { role: 'reload' }] });
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}

export function trayMenu(language: Language, show: () => void): Menu {
  const text = mainTexts(language);
  return Menu.buildFromTemplate([{ label: text.show, click: show }, { label: text.quit, role: 'quit' }]);
}
