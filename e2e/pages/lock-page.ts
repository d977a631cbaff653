import type { Locator, Page } from 'playwright';

/** The window while it is locked. */
export class LockPage {
  readonly card: Locator;
  readonly password: Locator;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.card = page.getByRole('region', { name: 'Relevo está bloqueado' });
    this.password = page.getByLabel('Contraseña', { exact: true });
  }

  /** Types where the focus is, as somebody does who comes back to the computer, and presses Enter. */
  async unlock(password: string): Promise<void> {
    await this.#page.keyboard.insertText(password);
    await this.#page.keyboard.press('Enter');
  }
}
