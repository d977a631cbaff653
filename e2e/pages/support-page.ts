import type { Locator, Page } from 'playwright';

/** The support view. */
export class SupportPage {
  readonly save: Locator;
  readonly files: Locator;
  readonly leftOut: Locator;
  readonly lines: Locator;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.save = page.getByRole('button', { name: 'Guardar informe…' });
    this.files = page.getByRole('list', { name: 'Lo que lleva' }).getByRole('listitem');
    this.leftOut = page.getByRole('list', { name: 'Lo que se deja fuera, y por qué' }).getByRole('listitem');
    this.lines = page.getByRole('listbox', { name: 'Líneas del registro' }).getByRole('option');
  }

  async search(words: string): Promise<void> {
    await this.#page.getByRole('textbox', { name: 'Buscar en el registro' }).fill(words);
  }
}
