import { z } from 'zod';

const normal = z.url({ normalize: true });

/**
 * A gateway's one address, however somebody wrote it: origin and path, without a slash at its end, the host in small letters, the port
 * only where it is not the usual one. What is kept for a gateway is kept under this. With a user name or a password in it it is none:
 * settings are shown and written down.
 */
export const gatewaySchema = z.url({ protocol: /^https?$/ }).max(2000).regex(/^https?:\/\/[^/?#@]*([/?#]|$)/i)
  .overwrite((written) => (normal.safeParse(written).data ?? written).replace(/[?#].*$/s, '').replace(/\/+$/, ''));

/** @returns what is no address as it is */
export function normalGateway(written: string): string {
  return gatewaySchema.safeParse(written).data ?? written;
}
