import { beforeEach, describe, expect, test } from 'vitest';
import { createPeople, type People } from './people.ts';
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
    waiting.add('n-0');
    for (let number = 0; number < 60; number += 1) signIn(`n-${number}`);
    expect(ids()).toHaveLength(50);
    expect(ids().at(-1)).toBe('n-0');
    expect(ids()).not.toContain('n-10');
    expect(ids()).toContain('n-11');
  });

  test('tells the accounts of a gateway from those known at others only', () => {
    signIn('ana');
    signIn('ana', 'https://b.example');
    signIn('bea', 'https://b.example');
    expect(people.accountsAt('https://a.example')).toEqual(['ana']);
    expect(people.accountsElsewhere('https://a.example')).toEqual(['bea']);
    expect(people.accountsElsewhere('https://b.example')).toEqual([]);
  });

  test('damaged on the disk is nobody, and fills again', () => {
    gateway.store.set('account.people', '[{"gateway":');
    expect(open().list()).toEqual([]);
    signIn('ana');
    expect(ids()).toEqual(['ana']);
  });
});
