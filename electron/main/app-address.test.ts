import { describe, expect, it } from 'vitest';
import { appFile } from './app-address.ts';

const dir = '/app/renderer';

describe('the file behind an address of the app', () => {
  it('lies in the renderer’s folder', () => {
    expect(appFile('app://relevo/index.html', dir)).toBe('/app/renderer/index.html');
    expect(appFile('app://relevo/assets/a%20b.js?x=1', dir)).toBe('/app/renderer/assets/a b.js');
  });

  it('lies there also when the address climbs: its parser has no place above the root', () => {
    for (const url of ['app://relevo/../../etc/passwd', 'app://relevo/%2e%2e/%2e%2e/etc/passwd']) expect(appFile(url, dir)).toBe('/app/renderer/etc/passwd');
  });

  it.each([
    'app://relevo/..%2f..%2fetc%2fpasswd',
    'app://relevo/..%2frenderer-other/x.js',
    'app://other/index.html',
    'app://relevo:80/index.html',
    'file:///etc/passwd',
    'https://relevo/index.html',
    'app://relevo/%00.html',
    'app://relevo/%zz',
    'not an address',
  ])('is none for %s', (url) => {
    expect(appFile(url, dir)).toBeUndefined();
  });
});
