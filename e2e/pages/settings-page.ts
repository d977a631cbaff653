import type { Locator, Page } from 'playwright';
import { Shell } from './shell.ts';

export class SettingsPage {
  /** The section that is open. */
  readonly section: Locator;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.section = page.getByRole('tabpanel');
  }

  async open(section: 'Aspecto' | 'Envío' | 'Privacidad' | 'Red' | 'Servidor' | 'Almacén propio' | 'Acerca de'): Promise<void> {
    await new Shell(this.#page).open('Ajustes');
    await this.#page.getByRole('tab', { name: section }).click();
  }

  field(label: string): Locator {
    return this.section.getByLabel(label, { exact: true });
  }

  button(name: string): Locator {
    return this.section.getByRole('button', { name, exact: true });
  }
}
