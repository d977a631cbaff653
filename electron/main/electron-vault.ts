import { safeStorage } from 'electron';
import type { Vault } from './secrets.ts';

/** The operating system's keychain as Electron offers it: DPAPI, Keychain, or a Linux keyring. Only once the app is ready. */
export const electronVault: Vault = {
  isReal: () => safeStorage.isEncryptionAvailable()
    && (process.platform !== 'linux' || !['basic_text', 'unknown'].includes(safeStorage.getSelectedStorageBackend())),
  seal: (text) => safeStorage.encryptString(text),
  unseal: (sealed) => safeStorage.decryptString(sealed),
};
