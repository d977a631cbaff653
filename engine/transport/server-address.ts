/**
 * An address that a server named, as it may be asked: of the web, without a user part, and never in clear where the gateway itself is
 * asked by https. A record or a setting of the server's can be wrong, or be made by somebody hostile, and photos and signatures are in
 * what is sent there.
 *
 * @param gateway that a relative address belongs to
 * @returns undefined where nothing must be sent there
 */
export function safeAddress(text: string, gateway: string): string | undefined {
  if (!URL.canParse(text, `${gateway}/`)) return undefined;
  const url = new URL(text, `${gateway}/`);
  const secure = url.protocol === 'https:' || (url.protocol === 'http:' && new URL(gateway).protocol === 'http:');
  return secure && url.username === '' && url.password === '' ? url.href : undefined;
}
