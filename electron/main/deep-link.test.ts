import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LinkInbox, parseLink } from './deep-link.ts';

describe('a link', () => {
  test.each([
    ['relevo://add', { screen: 'add' }],
    ['relevo://add?patient=4711', { screen: 'add', patientId: '4711' }],
    ['relevo://add/?patient=a%2Fb%20%C3%B1', { screen: 'add', patientId: 'a/b ñ' }],
    ['RELEVO://queue/', { screen: 'queue' }],
    ['relevo://connection', { screen: 'connection' }],
    ['relevo://settings', { screen: 'settings' }],
    ['relevo://support', { screen: 'support' }],
  ])('%s leads to a screen', (link, request) => expect(parseLink(link)).toEqual(request));

  test.each([
    'relevo:queue', 'relevo:///queue', 'relevo://', 'relevo://queue/now', 'relevo://queue?patient=1', 'relevo://queue#x', 'relevo://queue:80', 'relevo://a@queue', 'relevo://QUEUE',
    'relevo://add?patient=', 'relevo://add?patient=1&patient=2', 'relevo://add?patient=1&send=1', 'relevo://add?file=/etc/passwd', 'relevo://add?screen=settings', 'relevo://add?__proto__=1',
    'relevo://add?patient=%00', 'relevo://add?patient=%0A', 'relevo://add?patient=%E2%80%AE1', 'relevo://add?patient=%ff', 'relevo://add?patient=%', 'relevo://add?patient=ñ', 'relevo://add?patient=a b',
    `relevo://add?patient=${'1'.repeat(201)}`, `relevo://add?patient=${'%31'.repeat(700)}`,
    'relevo://sign-out', 'relevo://addFiles', 'relevo://settings?gateway=https://evil.example', 'relevo://javascript:alert(1)', 'https://relevo/queue', 'app://relevo/index.html', 'file:///etc/passwd', ' relevo://queue', 'relevo://queue ', '',
  ])('%j leads nowhere', (link) => expect(parseLink(link)).toBeUndefined());

  test('whatever it is, it ends in a screen of ours and an id without anything invisible, or in nothing', () => {
    const piece = fc.oneof(fc.constantFrom('relevo://', 'RELEVO:', 'add', 'queue', 'settings', '?', 'patient=', '&', '#', '/', '//', '..', '%2e', '%00', '%E2%80%AE', '@', ':', 'javascript:', '\n', '"', ' --no-sandbox'), fc.string({ unit: 'binary', maxLength: 12 }), fc.webQueryParameters());
    const link = fc.oneof(fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join('')), fc.tuple(fc.constantFrom('relevo://add?patient=', 'relevo://queue'), fc.array(piece, { maxLength: 4 })).map(([start, rest]) => start + rest.join('')));
    let led = 0;
    fc.assert(fc.property(link, (text) => {
      const request = parseLink(text);
      if (!request) return;
      led += 1;
      expect(['add', 'queue', 'connection', 'settings', 'support']).toContain(request.screen);
      expect(Object.keys(request).filter((key) => key !== 'screen' && !(key === 'patientId' && request.screen === 'add'))).toEqual([]);
      if ('patientId' in request) expect(request.patientId).toMatch(/^\P{C}{1,200}$/u);
    }), { numRuns: 2_000 });
    expect(led).toBeGreaterThan(20);
  });

  test('with any patient’s id in it leads to that patient', () => {
    const id = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((text) => text.length <= 200 && !/\p{C}/u.test(text));
    fc.assert(fc.property(id, (patientId) => {
      expect(parseLink(`relevo://add?${new URLSearchParams({ patient: patientId }).toString()}`)).toEqual({ screen: 'add', patientId });
    }), { numRuns: 500 });
  });
});

describe('the inbox', () => {
  test('gives the newest once, and says of a refused one nothing but that', () => {
    const warned: unknown[][] = [];
    const inbox = new LinkInbox({ warn: (...what) => { warned.push(what); } });
    let arrivals = 0;
    const stop = inbox.onArrival(() => { arrivals += 1; });
    inbox.receive(['/usr/bin/relevo', '--flag', 'relevo://support', 'relevo://queue']);
    expect(inbox.take()).toEqual({ screen: 'queue' });
    expect(inbox.take()).toBeUndefined();
    inbox.receive(['relevo', 'relevo://send?patient=Zqx']);
    inbox.receive(['relevo', 'queue']);
    expect(inbox.take()).toBeUndefined();
    expect(arrivals).toBe(1);
    expect(warned).toEqual([['link.refused']]);
    stop();
    inbox.receive(['relevo://queue']);
    expect(arrivals).toBe(1);
    expect(inbox.take()).toEqual({ screen: 'queue' });
  });
});
