import { app } from 'electron';

/**
 * Chromium's switches that open a door which the fuses do not know of: a debugger, a program started in a process's place, certificates that
 * are not checked, keys of connections written down. A link or a shortcut that somebody changed must not bring them along.
 */
const REFUSED = [
  'remote-debugging-port', 'remote-debugging-pipe', 'remote-debugging-address', 'remote-allow-origins', 'auto-open-devtools-for-tabs',
  'gpu-launcher', 'renderer-cmd-prefix', 'utility-cmd-prefix', 'browser-subprocess-path', 'js-flags', 'load-extension',
  'disable-web-security', 'disable-site-isolation-trials', 'allow-running-insecure-content', 'enable-blink-features', 'enable-experimental-web-platform-features',
  'ignore-certificate-errors', 'ignore-certificate-errors-spki-list', 'allow-insecure-localhost', 'host-rules', 'host-resolver-rules',
  'ssl-key-log-file', 'log-net-log', 'net-log-capture-mode', 'auth-server-allowlist', 'auth-negotiate-delegate-allowlist',
];

/** Must run before the app is ready: Chromium looks at its switches only then. */
export function refuseSwitches(log: { warn(event: string, fields: { name: string }): void }): void {
  for (const name of REFUSED) {
    if (!app.commandLine.hasSwitch(name)) continue;
    app.commandLine.removeSwitch(name);
    log.warn('switch.refused', { name });
  }
}
