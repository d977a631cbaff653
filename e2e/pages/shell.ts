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

  /** Signs out, once the dialog has said what becomes of the photos. */
  async signOut(says: string): Promise<void> {
    await this.#page.getByRole('button', { name: 'Cerrar sesión' }).click();
    const dialog = this.#page.getByRole('dialog');
    await dialog.getByText(says).waitFor();
    await dialog.getByRole('button', { name: 'Cerrar sesión' }).click();
  }

  async open(section: 'Añadir' | 'Cola' | 'Conexión' | 'Soporte' | 'Ajustes'): Promise<void> {
    await this.#page.getByRole('navigation', { name: 'Secciones' }).getByText(section, { exact: true }).click();
  }
}
