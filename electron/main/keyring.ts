/** By any of these Chromium knows the desktop, whose keyring it then uses. Without one it uses none. */
const desktopNames = ['XDG_CURRENT_DESKTOP', 'DESKTOP_SESSION', 'GNOME_DESKTOP_SESSION_ID', 'KDE_FULL_SESSION'];

/**
 * Whether Chromium may seal with a keyring of this Linux.
 *
 * Electron 33 chooses as it starts, and says what. Newer sources of it choose at the first use and say nothing before; that use may already
 * make the keyring's secret, so there it is told by what the choice depends on. Where that leaves a doubt, the answer is yes.
 *
 * @param backend as Electron names it, once the app is ready
 * @param chosenByHand by Chromium's `--password-store`
 */
export function mayBeKeyring(backend: string, environment: Readonly<Record<string, string | undefined>>, chosenByHand: boolean): boolean {
  if (backend === 'basic_text') return false;
  if (backend !== '' && backend !== 'unknown') return true;
  return chosenByHand || desktopNames.some((name) => Boolean(environment[name]));
}
