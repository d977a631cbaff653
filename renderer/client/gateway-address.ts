/** What a person may type for the server, as an address; `undefined` where it is none. `clinica.example` means https. */
export function toGatewayAddress(typed: string): string | undefined {
  const text = typed.trim();
  if (text === '') return undefined;
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(withScheme)) return undefined;
  const url = new URL(withScheme);
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:';
  // A password in an address would be shown, stored and logged.
  return isWeb && url.hostname !== '' && url.username === '' && url.password === '' ? withScheme.replace(/\/+$/, '') : undefined;
}

/** An address as it is shown: without what is the same for all. */
export function shortAddress(address: string): string {
  return URL.canParse(address) ? new URL(address).host : address;
}
