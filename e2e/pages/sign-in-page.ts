import type { Locator, Page } from 'playwright';

/** The first screen. Names are the Spanish ones: that is what the app starts in. */
export class SignInPage {
  readonly title: Locator;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.title = page.getByRole('heading', { name: 'Iniciar sesión' });
  }

  /** Somebody who has used this computer. */
  person(name: string): Locator {
    return this.#page.getByRole('list', { name: 'Han usado Relevo en este equipo' }).getByRole('button', { name });
  }

  async setServer(address: string): Promise<void> {
    const field = this.#page.getByLabel('Dirección del servidor');
    if (!(await field.isVisible())) await this.#page.getByRole('button', { name: /Servidor/ }).click();
    await field.fill(address);
  }

  async signIn(email: string, password: string): Promise<void> {
    await this.#page.getByLabel('Correo electrónico').fill(email);
    await this.#page.getByLabel('Contraseña', { exact: true }).fill(password);
    await this.#page.getByRole('button', { name: 'Iniciar sesión', exact: true }).click();
  }
}
