import type { MantineColorSchemeManager } from '@mantine/core';

/** The engine's settings hold the choice; the window itself stores nothing on a shared computer. */
export const settingsColorSchemeManager: MantineColorSchemeManager = {
  get: (defaultValue) => defaultValue,
  set: () => undefined,
  subscribe: () => undefined,
  unsubscribe: () => undefined,
  clear: () => undefined,
};
