import type { Locator, Page } from 'playwright';

export class QueuePage {
  readonly allSent: Locator;
  readonly rows: Locator;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.allSent = page.getByText('Todo enviado', { exact: true });
    this.rows = page.getByRole('grid', { name: 'Fotos' }).getByRole('row');
  }

  row(fileName: string): Locator {
    return this.#page.getByRole('grid', { name: 'Fotos' }).getByRole('row', { name: new RegExp(`^${RegExp.escape(fileName)},`) });
  }

  /** How many photos a filter says it holds. */
  async show(filter: 'Todas' | 'Enviando' | 'En espera' | 'Atención' | 'Enviadas'): Promise<void> {
    await this.#page.getByRole('radiogroup', { name: 'Mostrar' }).getByText(filter, { exact: true }).click();
  }
}
