import { expect, test } from 'vitest';
import { mayBeKeyring } from './keyring.ts';

test.each([
  ['what Electron chose already is believed', 'basic_text', { XDG_CURRENT_DESKTOP: 'GNOME' }, false, false],
  ['what Electron chose already is believed', 'gnome_libsecret', {}, false, true],
  ['what Electron chose already is believed', 'kwallet6', {}, false, true],
  ['where it has not chosen, a desktop may have one', '', { XDG_CURRENT_DESKTOP: 'GNOME' }, false, true],
  ['where it has not chosen, a desktop may have one', 'unknown', { DESKTOP_SESSION: 'plasma' }, false, true],
  ['where it has not chosen, one may be asked for by name', '', {}, true, true],
  ['a login without a desktop has none', '', { XDG_CURRENT_DESKTOP: '' }, false, false],
])('%s: %j', (_what, backend, environment, chosenByHand, expected) => {
  expect(mayBeKeyring(backend, environment, chosenByHand)).toBe(expected);
});
