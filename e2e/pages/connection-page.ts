import type { Locator, Page } from 'playwright';

const words = {
  es: { screen: 'Conexión', check: 'Comprobar ahora', path: 'Camino de las fotos', cut: 'Cortado entre', technical: 'Evidencia técnica', steps: 'Comprobación paso a paso', state: 'Estado' },
  en: { screen: 'Connection', check: 'Check now', path: 'The photos’ path', cut: 'Cut between', technical: 'Technical evidence', steps: 'The check, step by step', state: 'State' },
} as const;

/** The connection panel, and the chip in the header that leads to it. */
export class ConnectionPage {
  readonly chip: Locator;
  readonly sentence: Locator;
  readonly path: Locator;
  readonly steps: Locator;
  readonly #page: Page;
  readonly #words: (typeof words)['es' | 'en'];

  constructor(page: Page, language: 'es' | 'en' = 'es') {
    this.#page = page;
    this.#words = words[language];
    this.chip = page.getByRole('status', { name: this.#words.state }).getByRole('button');
    this.sentence = page.getByRole('region', { name: this.#words.screen, exact: true }).getByRole('heading', { level: 2 });
    this.path = page.getByRole('region', { name: this.#words.path });
    this.steps = page.getByRole('region', { name: this.#words.steps }).getByRole('listitem');
  }

  async open(): Promise<void> {
    await this.#page.getByRole('navigation').getByText(this.#words.screen, { exact: true }).click();
  }

  /** Asks for the full check; the button is there again when it has ended. */
  async check(): Promise<void> {
    const button = this.#page.getByRole('button', { name: this.#words.check });
    await button.click();
    await button.and(this.#page.locator(':enabled')).waitFor({ timeout: 60_000 });
  }

  /** What a screen reader is told of a cut, such as `Cortado entre Servicio de fotos y Spaces`. */
  cut(from: string, to: string): Locator {
    return this.path.getByText(`${this.#words.cut} ${from} ${this.#words === words.es ? 'y' : 'and'} ${to}`);
  }

  async openEvidence(): Promise<Locator> {
    const card = this.#page.getByRole('region', { name: this.#words.technical });
    await card.getByRole('button', { name: this.#words.technical }).click();
    return card;
  }
}
