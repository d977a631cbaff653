import type { Page } from 'playwright';

/** What frames every screen once somebody is signed in. */
export class Shell {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Waits until the app has come up signed in. */
  async ready(): Promise<void> {
    await this.#page.getByRole('navigation', { name: 'Secciones' }).waitFor();
  }

  async open(section: 'Añadir' | 'Cola' | 'Conexión' | 'Soporte' | 'Ajustes'): Promise<void> {
    await this.#page.getByRole('navigation', { name: 'Secciones' }).getByText(section, { exact: true }).click();
  }
}
