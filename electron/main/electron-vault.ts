import { app, safeStorage } from 'electron';
import { mayBeKeyring } from './keyring.ts';
import type { Vault } from './secrets.ts';

/** The operating system's keychain as Electron offers it: DPAPI, Keychain, or a Linux keyring. Only once the app is ready. */
export const electronVault: Vault = {
  isReal: () => safeStorage.isEncryptionAvailable()
    && (process.platform !== 'linux' || !['basic_text', 'unknown'].includes(safeStorage.getSelectedStorageBackend())),
  mayBeReal: () => process.platform !== 'linux' || mayBeKeyring(safeStorage.getSelectedStorageBackend(), process.env, app.commandLine.hasSwitch('password-store')),
  seal: (text) => safeStorage.encryptString(text),
  unseal: (sealed) => safeStorage.decryptString(sealed),
};
