import type { Page } from 'playwright';

/** Changes the window's language in its settings, whichever it speaks now. */
export async function speak(page: Page, language: 'Español' | 'English'): Promise<void> {
  await page.getByRole('navigation').getByRole('button', { name: /^(Ajustes|Settings)$/ }).click();
  await page.getByRole('radiogroup', { name: /^(Idioma|Language)$/ }).getByText(language, { exact: true }).click();
  await page.getByRole('heading', { level: 1, name: language === 'English' ? 'Settings' : 'Ajustes' }).waitFor();
}
