import type { RelevoApp } from './app.ts';

/** Collects everything that is sent to the window from now on, as text. */
export async function listen({ page }: RelevoApp): Promise<string[]> {
  const heard: string[] = [];
  await page.exposeFunction('heard', (text: string) => { heard.push(text); });
  await page.evaluate(() => { window.relevo.onMessage((message) => (window as unknown as { heard(text: string): void }).heard(JSON.stringify(message))); });
  return heard;
}
