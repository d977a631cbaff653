import { join, normalize, sep } from 'node:path';

export const APP_SCHEME = 'app';
const HOST = 'relevo';
export const APP_ORIGIN = `${APP_SCHEME}://${HOST}`;
export const APP_URL = `${APP_ORIGIN}/index.html`;

/** The file in `rendererDir` that a URL names, or undefined if it names none of ours. */
export function appFile(url: string, rendererDir: string): string | undefined {
  let parsed: URL;
  let path: string;
  try {
    parsed = new URL(url);
    path = decodeURIComponent(parsed.pathname);
  } catch {
    return undefined;
  }
  if (parsed.protocol !== `${APP_SCHEME}:` || parsed.host !== HOST || path.includes('\0')) return undefined;
  const file = normalize(join(rendererDir, path));
  return file.startsWith(rendererDir + sep) ? file : undefined;
}
