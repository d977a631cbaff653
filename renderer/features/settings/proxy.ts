/** @file What is typed for a proxy: pure. */
import { settingsChangesSchema } from '../../../shared/domain/settings.ts';

/** An address as the settings take it; nothing where it is none. `proxy:3128` means http; a sign-in in it is refused, since it would be shown. */
export function toProxyAddress(typed: string): string | undefined {
  const text = typed.trim();
  if (text === '') return undefined;
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const parsed = settingsChangesSchema.safeParse({ proxy: address.replace(/\/+$/, '') });
  return parsed.success && URL.canParse(address) ? parsed.data.proxy : undefined;
}

const name = String.raw`(?:\*?\.)?[a-z0-9_][a-z0-9_.-]*`;
const addresses = String.raw`[0-9a-f:.]+(?:/\d{1,3})?|\[[0-9a-f:.]+\]`;
/** As systems write them: the two words in brackets are for names without a dot, and for this computer. */
const exception = new RegExp(`^(?:\\*|<local>|<-loopback>|(?:${name}|${addresses})(?::\\d{1,5})?)$`, 'i');

/** Names, `*.name` and addresses between commas or spaces. */
export function toBypass(typed: string): { hosts: string[] } | { wrong: string } {
  const hosts = [...new Set(typed.split(/[\s,;]+/).filter((entry) => entry !== ''))];
  const wrong = hosts.find((host) => host.length > 253 || !exception.test(host));
  return wrong === undefined ? { hosts } : { wrong };
}
