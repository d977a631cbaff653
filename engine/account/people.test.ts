import { beforeEach, describe, expect, test } from 'vitest';
import { ownerKey } from './owner.ts';
import { createPeople, type People } from './people.ts';
import { writeSession } from './session.ts';
import { createTestGateway, type TestGateway } from './testing-gateway.ts';

let gateway: TestGateway;
let waiting: Set<string>;
let people: People;
const open = (): People => { people = createPeople({ store: gateway.store, clock: gateway.clock, hasPhotos: (id) => waiting.has(id) }); return people; };
const person = (id: string, name = id) => ({ id, name, email: `${id}@clinic.example` });
beforeEach(() => {
  gateway = createTestGateway();
  waiting = new Set();
  open();
});
const ids = (): string[] => people.list().map((entry) => entry.person.id);
function signIn(id: string, at = 'https://a.example', name = id): void {
  gateway.clock.advance(1_000);
  people.signedIn(at, person(id, name));
}

describe('who has signed in here', () => {
  test('is listed, the latest first, each once for each gateway, and still after a restart', () => {
    signIn('ana');
    signIn('bea');
    signIn('ana', 'https://b.example');
    signIn('ana');
    expect(open().list().map((entry) => [entry.person.id, entry.gateway])).toEqual([['ana', 'https://a.example'], ['ana', 'https://b.example'], ['bea', 'https://a.example']]);
  });

  test('and is known better later keeps their place in the list', () => {
    signIn('ana');
    signIn('bea');
    people.known('https://a.example', person('ana', 'Ana Ruiz'));
    expect(people.list().map((entry) => entry.person.name)).toEqual(['bea', 'Ana Ruiz']);
  });

  test('of more than fifty the longest ago are forgotten, those with photos here last', () => {
    waiting.add(ownerKey({ gateway: 'https://a.example', personId: 'n-0' }));
    for (let number = 0; number < 60; number += 1) signIn(`n-${number}`);
    expect(ids()).toHaveLength(50);
    expect(ids().at(-1)).toBe('n-0');
    expect(ids()).not.toContain('n-10');
    expect(ids()).toContain('n-11');
  });

  test('is an owner at each of their gateways, and another one at each', () => {
    const at = (gateway: string, personId: string): string => ownerKey({ gateway, personId });
    signIn('ana');
    signIn('ana', 'https://b.example');
    signIn('bea', 'https://b.example');
    expect(people.ownersAt(['https://a.example'])).toEqual([at('https://a.example', 'ana')]);
    expect(people.ownersAt(['https://b.example', 'https://c.example'])).toEqual([at('https://b.example', 'bea'), at('https://b.example', 'ana')]);
  });

  test('tells whose a sealed photo of an earlier version is, which noted an id alone', () => {
    signIn('ana');
    signIn('bea');
    signIn('bea', 'https://b.example');
    expect(people.ownerOfSealed('ana')).toBe(ownerKey({ gateway: 'https://a.example', personId: 'ana' }));
    expect(people.ownerOfSealed('bea')).toBe(ownerKey({ gateway: '', personId: 'bea' }));
    writeSession(gateway.store, { gateway: 'https://b.example', person: person('bea'), accessToken: 'a', refreshToken: 'r', expired: true });
    expect(people.ownerOfSealed('bea')).toBe(ownerKey({ gateway: 'https://b.example', personId: 'bea' }));
    const known = ownerKey({ gateway: 'https://c.example', personId: 'bea' });
    expect(people.ownerOfSealed(known)).toBe(known);
  });

  test('damaged on the disk is nobody, and fills again', () => {
    gateway.store.set('account.people', '[{"gateway":');
    expect(open().list()).toEqual([]);
    signIn('ana');
    expect(ids()).toEqual(['ana']);
  });
});
