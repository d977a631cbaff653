import type { Locator, Page } from 'playwright';
import { dropFiles } from '../harness/drop.ts';

/** Choosing a patient and giving photos. */
export class AddPage {
  readonly safe: Locator;
  readonly rejected: Locator;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.safe = page.getByText('Ya puede retirar la tarjeta.');
    this.rejected = page.getByText(/^\d+ archivos? no se añadi(ó|eron)$/);
  }

  async choosePatient(name: string): Promise<void> {
    await this.#page.getByRole('combobox', { name: 'Buscar paciente' }).fill(name);
    await this.#page.getByRole('option', { name }).first().click();
  }

  /** Through the real file input, as the file dialog does. */
  async chooseFiles(paths: string[]): Promise<void> {
    await this.#page.getByLabel('Archivos de fotos').setInputFiles(paths);
  }

  async drop(paths: string[]): Promise<void> {
    await dropFiles(this.#page.getByRole('group', { name: 'Suelte las fotos aquí' }), paths);
  }

  /** The line over a batch's progress bar, such as `10 de 10 guardadas`. */
  saved(count: number, total: number): Locator {
    return this.#page.getByText(`${count} de ${total} ${total === 1 ? 'guardada' : 'guardadas'}`);
  }
}
