import { bundle } from '../../build/bundle.ts';
import { hasDisplay, startVirtualDisplay } from '../../build/with-display.mjs';

/** What every run needs once: the app bundled from the sources as they are, and a display. */
export default async function globalSetup(): Promise<(() => Promise<void>) | undefined> {
  await bundle();
  if (hasDisplay()) return undefined;
  const { display, stop } = await startVirtualDisplay();
  process.env.DISPLAY = display;
  return stop;
}
