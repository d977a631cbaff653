import { beforeEach, describe, expect, test } from 'vitest';
import { createPatientIndex, fold } from './patient-index.ts';
import { createTestGateway, type TestGateway } from './testing-gateway.ts';

let gateway: TestGateway;
beforeEach(async () => {
  gateway = createTestGateway();
  await gateway.account.signIn('ana@clinic.example', 'right');
});
const search = (text: string, refresh = false) => gateway.account.patients.search({ text, limit: 50, refresh });
const names = async (text: string) => (await search(text)).patients.map((patient) => patient.name);

describe('the list', () => {
  test('joins care teams of all organisations and own patients, each once', async () => {
    const found = await search('');
    expect(found.patients).toEqual([
      { id: 'p-3', name: 'Bea Joven', detail: 'Sur · Curas' },
      { id: 'p-1', name: 'José Álvarez', detail: 'Norte · Heridas, Norte · Piel' },
      { id: 'p-4', name: 'Luis Mar' },
      { id: 'p-2', name: 'María Ñandú', detail: 'Norte · Heridas' },
    ]);
    expect(found).toMatchObject({ total: 4, fetchedAt: gateway.clock.now() });
    expect(gateway.account.patients.orgOf('p-3')).toBe('o-2');
    expect(gateway.account.patients.nameOf('p-4')).toBe('Luis Mar');
    expect(gateway.account.patients.orgOf('p-4')).toBeUndefined();
    expect(gateway.account.state()).toMatchObject({ person: { organisation: 'Norte, Sur' } });
  });

  test('is searched without the network, also after a restart, and says how old it is', async () => {
    const { fetchedAt } = await search('');
    gateway.answer('/user/users/me/org-memberships', 'offline');
    gateway.clock.advance(3 * 3_600_000);
    gateway.restart();
    expect(await search('jose', true)).toMatchObject({ patients: [{ id: 'p-1' }], total: 1, fetchedAt });
  });

  test('that was never fetched is asked for, and its absence is told', async () => {
    gateway.answer('/user/caregiver/patients', 'offline');
    await expect(search('')).rejects.toMatchObject({ code: 'network' });
    gateway.answer('/user/caregiver/patients', undefined);
    expect((await search('')).total).toBe(4);
  });

  test('a list that is refused is empty, one that fails fails the whole', async () => {
    gateway.answer('/user/caregiver/patients', { status: 403, body: { status: 'fail', data: null, error: { code: 'forbidden' } } });
    expect((await search('')).total).toBe(3);
    gateway.answer('/user/orgs/o-2/care-team-patients', { status: 500, body: { status: 'error', data: null, error: { code: 'x' } } });
    expect((await search('', true)).total).toBe(3);
  });

  test('a patient who is gone stays, marked, while photos of theirs are queued', async () => {
    await search('');
    gateway.restart({ queuedPatients: ['p-3'] });
    gateway.answer('/user/orgs/o-2/care-team-patients', { status: 404, body: { status: 'fail', data: null, error: { code: 'not_found' } } });
    gateway.answer('/user/caregiver/patients', { status: 404, body: { status: 'fail', data: null, error: { code: 'not_found' } } });
    expect((await search('', true)).patients.map((patient) => [patient.id, patient.missing])).toEqual([['p-3', true], ['p-1', undefined], ['p-2', undefined]]);
    gateway.restart();
    expect((await search('', true)).patients.map((patient) => patient.id)).toEqual(['p-1', 'p-2']);
  });

  test('a patient kept for their photos alone can be found and named, and goes with the last of these, without asking anybody', async () => {
    await search('');
    const queued = new Set(['p-3']);
    const gone = { status: 404, body: { status: 'fail', data: null, error: { code: 'not_found' } } };
    gateway.answer('/user/orgs/o-2/care-team-patients', gone);
    gateway.restart({ queuedPatients: queued });
    await search('', true);
    expect((await search('joven')).patients).toEqual([{ id: 'p-3', name: 'Bea Joven', detail: 'Sur · Curas', missing: true }]);
    expect(gateway.account.patients.nameOf('p-3')).toBe('Bea Joven');
    queued.clear();
    gateway.answer('/user/caregiver/patients', 'offline');
    expect((await search('joven')).total).toBe(0);
    gateway.restart();
    expect((await search('joven')).total).toBe(0);
    expect(gateway.account.patients.nameOf('p-3')).toBeUndefined();
  });

  test('that was still being fetched when somebody else signed in is nobody’s: its last answers may be to their token', async () => {
    const fetching = search('');
    gateway.answer('/auth/login/user', { status: 200, body: { access_token: 'eyJ.e30.x', refresh_token: 'r', user: { id: 'u-2', email: 'b@clinic.example', name: 'Bea' } } });
    await gateway.account.signIn('b@clinic.example', 'right');
    await fetching.catch(() => undefined);
    expect([...gateway.store.entries.keys()].filter((key) => key.startsWith('patients:'))).toEqual([]);
  });

  test('is not told to whoever has taken the place of the person who searched, nor to nobody', async () => {
    await search('');
    const searching = search('', true);
    gateway.account.signOut();
    await expect(searching).rejects.toMatchObject({ code: 'not-signed-in' });
  });

  test('is fetched once for all who ask at the same time', async () => {
    await Promise.all([search(''), search('a'), search('', true)]);
    expect(gateway.requests.filter((made) => made === 'GET /user/caregiver/patients')).toHaveLength(1);
  });

  test('is nobody’s after signing out', async () => {
    await search('');
    gateway.account.signOut();
    await expect(search('')).rejects.toMatchObject({ code: 'not-signed-in' });
    expect(gateway.account.patients.nameOf('p-1')).toBeUndefined();
  });
});

describe('a search', () => {
  test('for an id finds its patient first, once', () => {
    const index = createPatientIndex([{ id: '9', name: 'Zoe' }, { id: '19', name: 'Sala 9' }, { id: 'Ana', name: 'Ana' }]);
    expect(index.search('9', 50)).toMatchObject({ patients: [{ id: '9' }, { id: '19' }], total: 2 });
    expect(index.search('Ana', 50)).toMatchObject({ patients: [{ id: 'Ana' }], total: 1 });
  });

  test('ignores accents, case and spaces, takes words in any order, and looks at the detail too', async () => {
    expect(await names('JOSE')).toEqual(['José Álvarez']);
    expect(await names('  álvarez   jo ')).toEqual(['José Álvarez']);
    expect(await names('nandu')).toEqual(['María Ñandú']);
    expect(await names('heridas')).toEqual(['José Álvarez', 'María Ñandú']);
    expect(await names('nobody')).toEqual([]);
  });

  test('puts beginnings of names first, then of words, then the rest', async () => {
    expect(await names('jo')).toEqual(['José Álvarez', 'Bea Joven']);
    expect(await names('mar')).toEqual(['María Ñandú', 'Luis Mar']);
  });

  test('treats composed and decomposed letters alike', () => {
    expect(fold('Jose\u0301\u00a0 ÁLVAREZ')).toBe(fold('José álvarez'));
  });

  test('among 20,000 costs what looking at each once costs, and nothing that grows faster', () => {
    const list = (count: number) => createPatientIndex(Array.from({ length: count }, (_, number) => ({ id: `p-${number}`, name: `Núria Pérez ${number}`, detail: `Equipo ${number % 50}` })));
    const [few, many] = [list(2_000), list(20_000)];
    const quickestMs = (index: ReturnType<typeof list>): number => Math.min(...Array.from({ length: 15 }, (_, round) => {
      const began = performance.now();
      index.search(`perez ${round}9`, 50);
      return performance.now() - began;
    }));
    expect(many.search('perez 19999', 50).total).toBe(1);
    quickestMs(few);
    // Ten times as many; the rest is for what else the computer does.
    expect(quickestMs(many) / quickestMs(few)).toBeLessThan(60);
  });
});
